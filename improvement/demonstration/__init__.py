"""An invented region in which every state can be seen, dated around the day it is loaded, told by the real actions."""

from improvement.demonstration.people import put_people_on_plans
from improvement.demonstration.region import allocate_advisers, load_demonstration

__all__ = ["allocate_advisers", "load_demonstration", "put_people_on_plans"]
