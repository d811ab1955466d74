#!/usr/bin/env bash
# Runs aws.py with the settings of this lab; see there for its commands. Works from outside the lab's network too.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/settings.sh"
exec "${INSIDE[@]}" "$LAB_DIR/moto/bin/python" "$here/aws.py" "$@"
