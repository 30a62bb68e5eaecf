"""Days in Simplified Chinese: 9月1日, not Django's 09月1日."""

MONTH_DAY_FORMAT = "n月j日"
