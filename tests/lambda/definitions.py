"""Controls and frameworks for tests, without findings unless a test needs one."""

from function import PRIVATE

MANUAL = "datasources:\n  - sourceName: Report\n    sourceType: MANUAL\n"


def control(name, description="What must be true", tags=None, renamed_from=None, more=MANUAL):
    """A control. All of its texts contain words that must not appear in any log."""
    text = f"name: {name}\ndescription: {description}, {PRIVATE}.\n"
    text += f"testingInformation: How to check it, {PRIVATE}.\n"
    if tags:
        text += "tags:\n" + "".join(f"  {key}: {value}\n" for key, value in tags.items())
    if renamed_from:
        text += f"renamedFrom: [{renamed_from}]\n"
    return text + more


def framework(name, controls, description="Some controls"):
    """A framework with one control set. Controls are names or YAML (`standard: Name`)."""
    text = f"name: {name}\ndescription: {description}, {PRIVATE}.\ncontrolSets:\n  - name: All controls\n    controls:\n"
    return text + "".join(f"      - {control}\n" for control in controls)


# Line and column of the error in an invalid control.
ERROR_LOCATION = "2:1"


def invalid(name):
    """A control with an error: an unknown key on line 2."""
    return f"name: {name}\ndescripton: A misspelled key\n{MANUAL}"
