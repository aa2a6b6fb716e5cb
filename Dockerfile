# The images of ReadyKit. `docker build --target website .` is the application (also the worker, the clock and the
# migrations), `--target nginx .` is the web server with the static files of the same build.

ARG PYTHON=3.11
ARG DEBIAN=bookworm

FROM python:${PYTHON}-slim-${DEBIAN} AS build
WORKDIR /srv/readykit
RUN python -m venv .venv
COPY requirements.txt ./
RUN .venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes --only-binary :all: -r requirements.txt
COPY . .
# Static files with their compressed forms, and bytecode: without it the first request of each process waits three
# seconds for the compiler instead of one for the imports, again after every restart.
RUN .venv/bin/python -m deploy.publish \
 && .venv/bin/python -m compileall -q -j 0 .venv/lib enferno features deploy migrations run.py

FROM python:${PYTHON}-slim-${DEBIAN} AS website
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin readykit
WORKDIR /srv/readykit
COPY --from=build /srv/readykit /srv/readykit
# Nothing but instance/ is the application's to write.
RUN mkdir -p instance && chown -R readykit instance
ENV PATH=/srv/readykit/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    FLASK_APP=run \
    ENV=production \
    UWSGI_SOCKET=:8000 \
    UWSGI_HTTP11_SOCKET=127.0.0.1:8001 \
    UWSGI_PROCESSES=2 \
    UWSGI_THREADS=4
USER readykit
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 CMD ["python", "deploy/healthy.py", "8001"]
CMD ["uwsgi", "--ini", "deploy/uwsgi.ini"]

FROM debian:${DEBIAN}-slim AS nginx
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates curl nginx libnginx-mod-http-brotli-static \
 && rm -rf /var/lib/apt/lists/* /etc/nginx/sites-enabled /var/www/html
WORKDIR /srv/nginx
COPY nginx/ ./
COPY --from=build /srv/readykit/instance/assets files/assets
RUN mkdir -p run acme certs && chown www-data run && ln -s tls here
USER www-data
EXPOSE 8080 8443
# Quit: answer what is in hand, then end.
STOPSIGNAL SIGQUIT
HEALTHCHECK --interval=10s --timeout=5s --start-period=5s --retries=3 CMD ["curl", "--fail", "--silent", "--output", "/dev/null", "http://127.0.0.1:8090/"]
CMD ["nginx", "-p", "/srv/nginx", "-c", "nginx.conf"]
