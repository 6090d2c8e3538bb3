# The service in a container. It does not migrate by itself: docs/deploying.md says when to run `soundings migrate`.
# Named by its content, so that the same commit gives the same image: 3.11.16. docs/deploying.md says how to renew it.
FROM python:3.11-slim@sha256:9c900dea9e8fb7e16277c179b555cc72d29a352dbc33cff48ad5a0412fd5bfc7 AS installed
COPY requirements.lock /tmp/requirements.lock
# Every package comes as a wheel with the hash that the lock names; nothing is built here.
RUN python -m venv --without-pip /opt/soundings \
    && pip --python /opt/soundings/bin/python install --no-cache-dir --disable-pip-version-check \
       --require-hashes --no-deps --only-binary :all: -r /tmp/requirements.lock

FROM python:3.11-slim@sha256:9c900dea9e8fb7e16277c179b555cc72d29a352dbc33cff48ad5a0412fd5bfc7
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin soundings
COPY --from=installed /opt/soundings /opt/soundings
WORKDIR /srv/soundings
COPY . .
RUN python -m compileall -q app surveys culture analytics \
    && printf '#!/opt/soundings/bin/python\nfrom app.cli import main\nmain()\n' > /usr/local/bin/soundings \
    && chmod 755 /usr/local/bin/soundings \
    && mkdir var && chown soundings var
# A worker touches its file at every turn, for the health check. SQLite's temporary files may be as large as its database.
ENV PYTHONPATH=/srv/soundings PYTHONUNBUFFERED=1 WORKER_ALIVE_FILE=/tmp/worker.alive SQLITE_TMPDIR=/srv/soundings/var
USER soundings
VOLUME /srv/soundings/var
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["/opt/soundings/bin/python", "-m", "app.checkup.alive"]
ENTRYPOINT ["soundings"]
CMD ["serve", "--host", "0.0.0.0"]
