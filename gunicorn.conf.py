"""How pages are served, wherever gunicorn is started: in the image, by `make run`, in the bench and in the drills.

gunicorn finds this file in the folder it is started in. What a host decides for itself is said on the command line or
in GUNICORN_CMD_ARGS: the address, and as many workers as suit its processors (3 for 2). Where browsers come without a
proxy between, as at `make run`, connections are kept, for browsers open some of which they make no use at once.
"""

from config.warm import warm_up

worker_class = "gthread"
workers = 3
threads = 4
# A connection that is kept belongs to the worker that has taken it: of eight readers five may wait for one worker
# while another is idle. The proxy in front connects anew for each request, which costs a tenth of a millisecond.
keepalive = 0
# A worker takes no more than its threads can answer; whoever comes next is for the first worker that has one free.
worker_connections = threads


def post_worker_init(worker: object) -> None:
    """Each worker is warm before it takes its first request."""
    warm_up()
