# One image for web, worker, beat and migrate: docker-compose.yml says which is which.

FROM python:3.13-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app
RUN python -m venv /venv
COPY requirements.txt .
RUN /venv/bin/pip install --require-hashes -r requirements.txt
COPY . .
RUN for catalogue in locale/*/LC_MESSAGES/django.po; do \
        /venv/bin/pybabel compile --input-file "$catalogue" --output-file "${catalogue%.po}.mo" || exit 1; \
    done
# Production settings, because they decide the names of the static files. None of these values is kept.
ARG NO_KEY=build:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
RUN PRODUCTION=yes SECRET_KEY=only-for-this-step PERSONAL_DATA_KEYS=$NO_KEY PERSONAL_DATA_INDEX_KEY=$NO_KEY \
    ALLOWED_HOSTS=build CELERY_BROKER_URL=redis://build \
    /venv/bin/python manage.py collectstatic --noinput --verbosity 0

FROM python:3.13-slim
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
# /var/lib/casework is where a volume goes; the static files stay in the image, so that an update brings its own.
RUN useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin casework \
    && install --directory --owner=casework /var/lib/casework
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
RUN chown casework var
USER casework
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s CMD ["python", "scripts/healthcheck.py"]
# The rest is in gunicorn.conf.py. No access log of gunicorn: our own line says the page and the request id, without keys
# of rows or who asked.
CMD ["gunicorn", "config.wsgi", "--bind", "0.0.0.0:8000"]
