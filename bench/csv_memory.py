"""`python -m bench.csv_memory`: serve the download once, as a server sends it; say how many MB that took at most."""

import resource

import django

ADDRESS = "/api/v1/milestones/?format=csv"


def main():
    django.setup()
    from django.test import Client

    from accounts.models import Person

    client = Client()
    client.force_login(Person.objects.get())
    for _ in client.get(ADDRESS).streaming_content:
        pass
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


if __name__ == "__main__":
    main()
