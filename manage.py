#!/usr/bin/env python
import os
import sys

# What makes or changes tables does so as the role that owns them, where the environment names one.
OWNER_COMMANDS = {
    "backup",
    "createcachetable",
    "grant_runner",
    "load_reference",
    "migrate",
    "prepare",
    "restore",
}


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line

    from config import environment

    if OWNER_COMMANDS & set(sys.argv[1:2]):
        environment.act_as_owner()
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
