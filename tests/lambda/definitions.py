"""Texts of controls and frameworks for tests: free of findings, unless a test wants one."""

from function import PRIVATE

MANUAL = "datasources:\n  - sourceName: Report\n    sourceType: MANUAL\n"


def control(name, description="What is to hold", tags=None, renamed_from=None, more=MANUAL):
    """The text of a control. Every text of it has words that no log may hold."""
    text = f"name: {name}\ndescription: {description}, {PRIVATE}.\n"
    text += f"testingInformation: How to see that it holds, {PRIVATE}.\n"
    if tags:
        text += "tags:\n" + "".join(f"  {key}: {value}\n" for key, value in tags.items())
    if renamed_from:
        text += f"renamedFrom: [{renamed_from}]\n"
    return text + more


def framework(name, controls, description="Some controls"):
    """The text of a framework with one set; controls by name, or as they stand in YAML (`standard: Name`)."""
    text = f"name: {name}\ndescription: {description}, {PRIVATE}.\ncontrolSets:\n  - name: All of it\n    controls:\n"
    return text + "".join(f"      - {control}\n" for control in controls)


# Where the fault of such a control is.
FAULTY_PLACE = "2:1"


def faulty(name):
    """A control with an error: a key that does not exist, on line 2."""
    return f"name: {name}\ndescripton: A misspelt key\n{MANUAL}"
