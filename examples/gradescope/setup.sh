#!/usr/bin/env bash
# Installs gradgrade and its sandbox when Gradescope builds the image (Ubuntu 24.04 or newer).
set -euo pipefail

source_directory=${AUTOGRADER:-/autograder}/source

export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends bubblewrap python3 python3-venv

python3 -m venv /opt/gradgrade
/opt/gradgrade/bin/pip install --quiet --no-cache-dir "$source_directory"/gradgrade-*.whl
/opt/gradgrade/bin/gradgrade --version
