# Sourced by ./test after prepare.sh: what tests need beside the program. Installed as root, otherwise one sentence says what.
# shellcheck shell=bash

PRIVATE_DIR=

install_packages() {
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 || fail "测试还需要这些软件包，请先安装：$*"
  say "正在安装 $* ……"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# Debian's Chromium without a window: the same engine, a quarter less work for two cores. Older releases have it whole only.
prepare_browser() {
  [ -x /usr/bin/chromium-headless-shell ] || [ -x /usr/bin/chromium ] || {
    (install_packages chromium-headless-shell) || install_packages chromium
  }
}

prepare_fonts() {
  command -v fc-list >/dev/null 2>&1 || install_packages fontconfig
  [ -n "$(fc-list :lang=zh-cn family | head -n 1)" ] || install_packages fonts-noto-cjk
}

# The reports are read back as pictures and as text, from LibreOffice too.
prepare_papers() {
  command -v pdftotext >/dev/null 2>&1 && command -v soffice >/dev/null 2>&1 && return 0
  [ "$(id -u)" = 0 ] || { say "没有 poppler-utils 或 libreoffice-writer，看报告纸面的测试会跳过。"; return 0; }
  install_packages poppler-utils libreoffice-writer
}

answers() { (exec 3<>"/dev/tcp/$1/$2") 2>/dev/null; }

# A server that answers on the standard port is used; otherwise one is started privately on a free port.
prepare_postgres() {
  [ -n "${FANGTAN_TEST_POSTGRES:-}" ] && return 0
  if answers 127.0.0.1 5432 && usable_postgres "postgresql://$(id -un)@127.0.0.1:5432/postgres"; then
    export FANGTAN_TEST_POSTGRES="postgresql://$(id -un)@127.0.0.1:5432/postgres"
    return 0
  fi
  ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || {
    [ "$(id -u)" = 0 ] || { say "没有 PostgreSQL，要它的测试会跳过。"; return 0; }
    install_packages postgresql
  }
  start_private_postgres
}

usable_postgres() {
  .venv/bin/python - "$1" <<'PY' 2>/dev/null
import asyncio, sys
import asyncpg
asyncio.run(asyncio.wait_for(asyncpg.connect(sys.argv[1]), 3))
PY
}

start_private_postgres() {
  local bin port as=()
  bin=$(dirname "$(ls /usr/lib/postgresql/*/bin/initdb | tail -n 1)")
  PRIVATE_DIR=$(mktemp -d)
  port=$(.venv/bin/python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  if [ "$(id -u)" = 0 ]; then
    chown postgres "$PRIVATE_DIR"
    as=(setpriv --reuid=postgres --regid=postgres --clear-groups)
  fi
  "${as[@]}" "$bin/initdb" -D "$PRIVATE_DIR/data" -U tester --auth=trust >/dev/null
  "${as[@]}" "$bin/pg_ctl" -D "$PRIVATE_DIR/data" -l "$PRIVATE_DIR/log" -w \
    -o "-p $port -k $PRIVATE_DIR -c listen_addresses=127.0.0.1" start >/dev/null
  PRIVATE_STOP=("${as[@]}" "$bin/pg_ctl" -D "$PRIVATE_DIR/data" -m immediate stop)
  export FANGTAN_TEST_POSTGRES="postgresql://tester@127.0.0.1:$port/postgres"
}

stop_private_services() {
  [ -n "$PRIVATE_DIR" ] || return 0
  "${PRIVATE_STOP[@]}" >/dev/null 2>&1 || true
  rm -rf "$PRIVATE_DIR"
}
