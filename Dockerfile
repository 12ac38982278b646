# One image for every replica: nothing in it is secret, nothing in it is written to, and it does not run as root.
FROM python:3.11-slim

ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1

WORKDIR /app

# Every package is held to the hashes of the lock file, and nothing but the lock file is installed.
COPY requirements.txt ./
RUN python -m pip install --no-cache-dir --disable-pip-version-check --no-deps --require-hashes --only-binary :all: \
    -r requirements.txt

COPY backends ./backends
COPY bot ./bot
COPY handlers ./handlers
COPY operations ./operations
COPY sandbox ./sandbox
COPY store ./store
COPY manifest.yml LICENSE ./

RUN python -m compileall -q . \
    && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin shipclerk \
    && install -d -o shipclerk -g shipclerk -m 0700 data

USER 10001

ENV SHIPCLERK_HEALTH_PORT=9090

# Only a SQLite file needs it; on PostgreSQL it stays empty.
VOLUME /app/data

STOPSIGNAL SIGTERM

HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 CMD ["python", "-c", \
    "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ['SHIPCLERK_HEALTH_PORT'] + '/health/ready', timeout=4)"]

ENTRYPOINT ["python", "-m", "bot"]
CMD ["run"]
