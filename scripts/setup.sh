#!/bin/sh
# Set up what the commands need, once: `setup.sh python` for what is Python alone, `setup.sh site` for building,
# `setup.sh review` for judging a pull request and photographing its pages, `setup.sh test` for the tests,
# `setup.sh lock` to renew the lock files. What is there already is left alone; Debian's packages are
# installed where something is missing and apt is there (as root, or by sudo).
set -eu
cd "$(dirname "$0")/.."
mkdir -p .cache/bin .cache/stamps

say() { echo "setup: $*" >&2; }
die() { say "$*"; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }

apt_updated=no
debian() {
    has apt-get || return 1
    root=""
    if [ "$(id -u)" != 0 ]; then
        has sudo || { say "installing $* needs root: run 'apt-get install $*' as root"; return 1; }
        root="sudo"
    fi
    say "installing Debian's $*"
    if [ $apt_updated = no ]; then
        $root apt-get update -qq >&2 || return 1
        apt_updated=yes
    fi
    # The variable goes through env: sudo drops those of its caller.
    $root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" \
        >.cache/apt.log 2>&1 || { tail -n 5 .cache/apt.log >&2; return 1; }
}

# A stamp holds the checksum of the files that a step was made from: the step is done again when they change.
checksum() { cat "$@" | cksum; }
done_for() { stamp=$1; shift; [ "$(cat ".cache/stamps/$stamp" 2>/dev/null)" = "$(checksum "$@")" ]; }
stamp() { stamp=$1; shift; checksum "$@" >".cache/stamps/$stamp"; }

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    for python in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
        if has "$python" && new_enough "$python"; then
            echo "$python"
            return
        fi
    done
    debian python3 python3-venv && new_enough python3 && echo python3 && return
    die "Python 3.11 or newer is needed; install it, or name it: PYTHON=/path/to/python make …"
}

make_venv() {
    folder=$1
    [ -x "$folder/bin/python" ] && "$folder/bin/python" -m pip --version >/dev/null 2>&1 && return
    python=$(find_python)
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        debian python3-venv || true
        "$python" -c 'import ensurepip, venv' 2>/dev/null || debian "python$version-venv" ||
            die "$python has no venv module; install the package python3-venv"
    fi
    say "creating $folder with $("$python" --version)"
    "$python" -m venv --clear "$folder"
}

install_requirements() { # folder, stamp, lock file (complete: nothing that it does not name is installed)
    done_for "$2" "$3" && [ -x "$1/bin/python" ] && return
    make_venv "$1"
    say "installing $3"
    "$1/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r "$3"
    stamp "$2" "$3"
}

# Ruby's own compiler takes a tenth off a large build, where this Ruby was made with it. Each process of the
# build compiles for itself, hence the bound on its memory (in MB).
yjit() {
    ruby --yjit -e 'exit RubyVM::YJIT.enabled?' >/dev/null 2>&1 || return 0
    echo "--yjit --yjit-exec-mem-size=32"
}

jekyll_from_system() {
    has jekyll && has ruby || return 1
    # The libraries that _jekyll/ loads must be there too, not Jekyll alone.
    ruby -e 'require "jekyll"; require "sanitize"; require "kramdown-parser-gfm"
             exit Gem::Version.new(Jekyll::VERSION) >= Gem::Version.new("4.3")' >/dev/null 2>&1 || return 1
    # Sizes of pictures; where it cannot be had, pages are built without them.
    ruby -e 'require "fastimage"' 2>/dev/null || debian ruby-fastimage || say "going on without the gem fastimage"
    # Without Bundler: it would resolve the Gemfile anew at each start, and write a lock file.
    printf '#!/bin/sh\nRUBYOPT="%s ${RUBYOPT:-}" JEKYLL_NO_BUNDLER_REQUIRE=true exec jekyll "$@"\n' "$(yjit)" \
        >.cache/bin/jekyll
}

jekyll_from_bundler() {
    has ruby && has bundle || return 1
    ruby -e 'exit RUBY_VERSION >= "3.0"' || return 1
    say "installing Jekyll by Bundler"
    BUNDLE_PATH="$PWD/.cache/gems" BUNDLE_RETRY=1 BUNDLE_TIMEOUT=10 bundle install --quiet >.cache/bundle.log 2>&1 || {
        say "Bundler could not install Jekyll (see .cache/bundle.log)"
        return 1
    }
    cat >.cache/bin/jekyll <<'EOF'
#!/bin/sh
here=$(cd "$(dirname "$0")/../.." && pwd)
BUNDLE_GEMFILE="$here/Gemfile" BUNDLE_PATH="$here/.cache/gems" exec bundle exec jekyll "$@"
EOF
}

jekyll_from_debian() { debian jekyll ruby-sanitize ruby-fastimage && jekyll_from_system; }

setup_jekyll() {
    done_for jekyll Gemfile scripts/setup.sh && .cache/bin/jekyll --version >/dev/null 2>&1 && return
    jekyll_from_system || jekyll_from_bundler || jekyll_from_debian || die \
        "Jekyll 4.3 is needed. Debian 12, Ubuntu 24.04 or newer: apt-get install jekyll ruby-sanitize ruby-fastimage." \
        "macOS and others: install Ruby 3.0 or newer with Bundler (on macOS: brew install ruby), then try again."
    chmod +x .cache/bin/jekyll
    stamp jekyll Gemfile scripts/setup.sh
    say "$(.cache/bin/jekyll --version) is ready"
}

setup_npm() { # GitHub's descriptions of its APIs, the audit of workflows; what judges pages: axe, html-validate, Lighthouse
    done_for npm package-lock.json scripts/setup.sh && [ -d node_modules ] && return
    has npm && has node || debian nodejs npm || die "npm is needed; install Node.js 18 or newer with npm"
    say "installing package-lock.json"
    npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2
    # Of the descriptions of GitHub's REST API, 370 MB are those of other products and other spellings.
    find node_modules/@octokit/openapi/generated -name '*.json' ! -name api.github.com.json -delete
    # Lighthouse loads its error reporting only when told to, which nobody does: without it, nobody can (60 MB).
    rm -rf node_modules/@sentry node_modules/@opentelemetry
    stamp npm package-lock.json scripts/setup.sh
}

some_chromium() { has chromium || has chromium-browser || has google-chrome; }

# The headless shell is the same engine at half of the processor time; not every distribution has it. Nobody is asked
# for a password for what is only faster.
setup_chromium() {
    if [ -n "${CHROMIUM:-}" ] || has chromium-headless-shell; then
        :
    elif some_chromium; then
        [ "$(id -u)" != 0 ] || ! apt-cache show chromium-headless-shell >/dev/null 2>&1 ||
            debian chromium-headless-shell || true
    else
        debian chromium-headless-shell || debian chromium ||
            die "Chromium is needed; install it, or name it: CHROMIUM=/path/to/chromium make test"
    fi
    # Playwright brings a Node.js of its own, which needs a library that a small system lacks.
    .venv/bin/playwright --version >/dev/null 2>&1 || debian libatomic1 ||
        die "Playwright's driver does not start; see '.venv/bin/playwright --version'"
}

lock() {
    for name in requirements requirements-dev requirements-octoprint; do
        # The host's list is complete already, and names a stand-in for one of its dependencies.
        [ $name = requirements-octoprint ] && deps=--no-deps || deps=--universal
        .venv/bin/uv pip compile --quiet $deps --python-version 3.11 --generate-hashes --no-header \
            --no-emit-index-url --no-annotate "$name.txt" --output-file "$name.lock"
    done
}

case ${1:-} in
python) install_requirements .venv site requirements.lock ;;
site)
    install_requirements .venv site requirements.lock
    setup_jekyll
    ;;
review)
    install_requirements .venv test requirements-dev.lock
    setup_jekyll
    setup_chromium
    ;;
test)
    install_requirements .venv test requirements-dev.lock
    setup_jekyll
    setup_npm
    setup_chromium
    install_requirements .cache/octoprint octoprint requirements-octoprint.lock
    ;;
lock) lock ;;
*) die "usage: setup.sh python|site|review|test|lock" ;;
esac
