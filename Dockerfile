# syntax=docker/dockerfile:1

# Natter as one image: the server, and beside it the pages that it serves.
# Both stages stand on the same Debian, so that the server finds the C library it was linked with.

# wasm-opt comes from npm's binaryen, as in every other build of this project: Debian's is too old.
FROM node:22-trixie-slim AS wasm-opt
WORKDIR /tools
COPY tools/package.json tools/package-lock.json ./
RUN npm ci --no-fund --no-audit

FROM rust:1.95.0-trixie AS build
WORKDIR /source

# The toolchain and the tools change seldom: they come first, and are kept in layers of their own.
COPY rust-toolchain.toml ./
RUN rustup target add wasm32-unknown-unknown
RUN cargo install cargo-leptos --version 0.3.10 --locked --features no_downloads
RUN cargo install wasm-bindgen-cli --version =0.2.130
COPY --from=wasm-opt /usr/local/bin/node /usr/local/bin/node
COPY --from=wasm-opt /tools/node_modules /opt/tools/node_modules
ENV PATH=/opt/tools/node_modules/.bin:$PATH

COPY . .
# The build directory is a cache and no part of the image: what is needed of it is copied out in the same step.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/source/target \
    cargo leptos build --release --split --precompress --cargo-locked \
    && mkdir /natter \
    && cp target/release/natter-server target/release/hash.txt /natter/ \
    && cp -R target/site /natter/site

FROM debian:trixie-slim
RUN groupadd --gid 10001 natter \
    && useradd --uid 10001 --gid natter --home-dir /data --no-create-home --shell /usr/sbin/nologin natter \
    && install --directory --owner=natter --group=natter --mode=0700 /data

# Owned by root: the server can read its own program and pages, and write neither. It finds `site` and `hash.txt`
# beside its program.
COPY --from=build /natter /opt/natter
ENV PATH=/opt/natter:$PATH \
    NATTER_ADDR=0.0.0.0:8091 \
    NATTER_SOCKET_ADDR=0.0.0.0:8092 \
    NATTER_DATA_DIR=/data

USER 10001:10001
WORKDIR /data
VOLUME /data
# Pages and /web/ on the first, /socket.io/ on the second.
EXPOSE 8091 8092
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --start-interval=1s --retries=3 \
    CMD ["natter-server", "health"]
ENTRYPOINT ["natter-server"]
