# dashctl with its embedded broker, live page on port 5000:
#   docker build -t dashctl . && docker run --rm -p 5000:5000 dashctl
FROM node:26-bookworm-slim AS build
# Node 26 needs libatomic1, and the executable is stripped with binutils.
RUN apt-get update && apt-get install -y --no-install-recommends binutils libatomic1 && rm -rf /var/lib/apt/lists/*
WORKDIR /build
# The packages first, without their scripts, so that a change of the sources does not fetch them again.
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY . .
RUN npm run build:binary

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends libatomic1 && rm -rf /var/lib/apt/lists/* \
  && useradd --create-home --uid 10001 dashctl \
  && install --directory --owner=dashctl --group=dashctl /data
COPY --from=build /build/dist/bin/dashctl /usr/local/bin/dashctl
COPY --from=build /build/dist/bin/LICENCES.txt /usr/local/share/doc/dashctl/LICENCES.txt
USER dashctl
WORKDIR /data
VOLUME /data
EXPOSE 5000
ENTRYPOINT ["dashctl"]
CMD ["up", "--headless", "--host", "0.0.0.0", "--insecure"]
