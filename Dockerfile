# banche's API and workers: installed from the hash-locked requirements, run by nobody in particular.
FROM python:3.11-slim AS build
WORKDIR /src
COPY locks/bootstrap.txt locks/requirements.txt locks/
RUN python -m venv /opt/banche \
    && /opt/banche/bin/pip install --no-cache-dir --require-hashes -r locks/bootstrap.txt \
    && /opt/banche/bin/uv pip install --no-cache --python /opt/banche/bin/python --require-hashes -r locks/requirements.txt
COPY pyproject.toml README.md LICENSE ./
COPY routing routing
COPY api api
COPY data data
RUN /opt/banche/bin/uv pip install --no-cache --python /opt/banche/bin/python --no-deps --no-build-isolation .

FROM python:3.11-slim
RUN useradd --create-home --uid 10001 banche
COPY --from=build /opt/banche /opt/banche
ENV PATH=/opt/banche/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    XDG_CACHE_HOME=/var/cache/banche \
    NUMBA_CACHE_DIR=/var/cache/banche/numba
RUN mkdir -p /var/cache/banche && chown banche /var/cache/banche
USER banche
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
ENTRYPOINT ["banche"]
CMD ["serve", "--host", "0.0.0.0"]
