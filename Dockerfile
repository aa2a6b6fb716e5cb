# The images of ReadyKit. `docker build --target website .` is the application (also the worker, the clock and the
# migrations), `--target nginx .` is the web server with the static files of the same build.

ARG PYTHON=3.11
ARG DEBIAN=bookworm
# To build on exactly these bytes: "@sha256:..." (docs/deployment.md shows how to ask for them).
ARG PYTHON_DIGEST=
ARG DEBIAN_DIGEST=

FROM python:${PYTHON}-slim-${DEBIAN}${PYTHON_DIGEST} AS build
WORKDIR /srv/readykit
COPY requirements.txt requirements-build.txt ./
# Every package is a wheel that somebody published, but for one that exists as source alone. What builds that one is
# pinned like the rest and stays in /opt/tools; .venv gets no installer.
RUN python -m venv /opt/tools \
 && /opt/tools/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes --only-binary :all: -r requirements-build.txt \
 && /opt/tools/bin/pip wheel --no-cache-dir --disable-pip-version-check --require-hashes --no-deps --only-binary :all: --no-binary flask-principal --use-pep517 --no-build-isolation --wheel-dir /opt/wheels -r requirements.txt \
 && python -m venv --without-pip .venv \
 && /opt/tools/bin/pip --python .venv/bin/python install --no-cache-dir --disable-pip-version-check --no-index --no-deps --no-compile /opt/wheels/*.whl
COPY . .
# Static files with their compressed forms, and bytecode: without it the first request of each process waits three
# seconds for the compiler instead of one for the imports, again after every restart. Nothing in an image changes, so
# the bytecode counts whatever times copying has given to the files.
RUN .venv/bin/python -m deploy.publish \
 && .venv/bin/python -m compileall -q -j 0 -f --invalidation-mode unchecked-hash .venv/lib enferno features deploy migrations run.py

FROM python:${PYTHON}-slim-${DEBIAN}${PYTHON_DIGEST} AS website
# Nobody installs anything into a running container.
COPY deploy/strip.py /tmp/strip.py
RUN python /tmp/strip.py && rm /tmp/strip.py \
 && groupadd --system --gid 10001 readykit \
 && useradd --system --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin readykit
WORKDIR /srv/readykit
COPY --from=build /srv/readykit /srv/readykit
# The application may write to these two alone: its instance folder, and the folder of the socket that it shares with
# nginx.
RUN install --directory --owner readykit --group readykit --mode 0750 /var/lib/readykit /run/readykit
ENV PATH=/srv/readykit/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    FLASK_APP=run \
    ENV=production \
    INSTANCE_PATH=/var/lib/readykit \
    TMPDIR=/var/tmp \
    UWSGI_SOCKET=/run/readykit/website.sock \
    UWSGI_PROCESSES=2 \
    UWSGI_THREADS=4
USER readykit:readykit
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 CMD ["python", "deploy/healthy.py"]
CMD ["uwsgi", "--ini", "deploy/uwsgi.ini"]

FROM debian:${DEBIAN}-slim${DEBIAN_DIGEST} AS nginx
# The group is the application's: its socket lets nobody else in.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates curl nginx libnginx-mod-http-brotli-static \
 && rm -rf /var/lib/apt/lists/* /etc/nginx/sites-enabled /var/www/html \
 && groupadd --system --gid 10001 readykit
WORKDIR /srv/nginx
COPY nginx/ ./
COPY --from=build /srv/readykit/instance/assets files/assets
RUN mkdir -p run temp acme certs && chown www-data run temp && chmod 0700 run temp && ln -s tls here \
 && install --directory --owner 10001 --group readykit --mode 0750 /run/readykit
USER www-data:readykit
EXPOSE 8080 8443
# Quit: answer what is in hand, then end.
STOPSIGNAL SIGQUIT
HEALTHCHECK --interval=10s --timeout=5s --start-period=5s --retries=3 CMD ["curl", "--fail", "--silent", "--output", "/dev/null", "http://127.0.0.1:8090/"]
CMD ["nginx", "-p", "/srv/nginx", "-c", "nginx.conf"]
