"""What an upload does, from the bucket to the account and to those who are told."""

from definitions import control


def test_an_upload_reaches_the_account_and_is_told_once(world):
    world.put({"controls/backup.yaml": control("Backup")})
    assert set(world.controls()) == {"Backup"}
    print(world.mail(), world.event())
