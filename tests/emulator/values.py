"""Values at the limits of the model and just beyond them."""

import string

# For each pattern of the model: a text of a given length that matches, texts that do not match, and the longest match.
PATTERNS = {}

# The length of the shortest match, where it is not the shortest length of the shape.
SHORTEST = {}


def pattern(text, make, rejected, longest=None, shortest=0):
    PATTERNS[text] = (make, rejected, longest)
    SHORTEST[text] = shortest


def around(start, middle, length):
    """Returns `start`, padding, `middle`, and padding up to the length."""
    return (start + "a" + middle + "b" * length)[:length]


UUID = "7c3f5a9e-0d6e-4f5b-8f57-1a2b3c4d5e6f"

pattern(r"^[\w\W\s\S]*$", lambda n: ("é\n𝄞\\" * n)[:n], [])
pattern(r"^[^\\]*$", lambda n: ("é_𝄞 " * n)[:n], ["\\", "a\\b", "ab\\"])
pattern(r"^[^\\\_]*$", lambda n: ("é-𝄞 " * n)[:n], ["\\", "a_b", "ab_", "_"])
pattern(
    r"^[a-zA-Z_0-9-\s().:\/]+$",
    lambda n: ("aZ_09- \t().:/" * n)[:n],
    ["a*", "a,b", "é", "a\\b", "=", "a\u00a0b", "a'"],
)
pattern(
    r"^(?!aws:)[a-zA-Z+-=._:/]+$",
    lambda n: ("aZ+,-./0123456789:;<=_" * n)[:n],
    ["aws:", "aws:x", "a b", "a@b", "a>b", "é", "a*", "a\n"],
)
pattern(r".{0,255}", lambda n: ("é 𝄞@" * n)[:n], ["a\nb", "\n", "a\r", "a\u2028", "x" * 256], longest=255)
pattern(
    r"^[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}$",
    lambda n: (UUID + "0" * n)[:n],
    [UUID.upper(), UUID.replace("-", "0"), UUID[:-1] + "g", "x" * 36, UUID.replace("7c3f", "7c-3")],
)
pattern(r"^[A-Za-z0-9+\/=]*$", lambda n: ((string.ascii_letters + "09+/=") * n)[:n], ["a-b", "a b", "a_", "é"])
pattern(
    r"^arn:.*:auditmanager:.*",
    lambda n: around("arn:", ":auditmanager:", n),
    ["arn:auditmanager:" + "x" * 20, "xarn:aws:auditmanager:us-east-1", "arn:aws:iam::000000000000:role/x"],
)
pattern(
    r"^arn:.*:controlcatalog:.*|UNCATEGORIZED",
    lambda n: "UNCATEGORIZED" if n == 13 else around("arn:", ":controlcatalog:", n),
    ["UNCATEGORIZED!", "xUNCATEGORIZED", "arn:aws:iam::000000000000:role/x", "uncategorized"],
)

pattern(
    r"^(S|s)3:\/\/[a-zA-Z0-9\-\.\(\)\'\*\_\!\=\+\@\:\s\,\?\/]+$",
    lambda n: ("s3://" + "aZ0-.()'*_!=+@: ,?/" * n)[:n],
    ["s3:/b", "s4://b", "s3://", "s3://a#", "as3://b"],
    shortest=6,
)
pattern(r"^[0-9]{12}$", lambda n: ("0123456789" * n)[:n], ["a" * 12, "12345678901x"], longest=12)
pattern(r"^.*@.*$", lambda n: ("@é 𝄞" * n)[:n], ["a", "a\n@", "é"])
pattern(r"^[\u0020-\u007E]+$", lambda n: (" aZ~!" * n)[:n], ["é", "a\n", "\x7f"])
pattern(r"^[a-zA-Z0-9-\s().]+$", lambda n: ("aZ0- ()." * n)[:n], ["a_b", "é", "a*"])
pattern(r"^arn:.*:iam:.*", lambda n: around("arn:", ":iam:", n), ["arn:iam:" + "x" * 20, "arn:aws:s3:::" + "x" * 20])
pattern(
    r"^arn:.*:controlcatalog:.*:.*:domain/.*|UNCATEGORIZED"
    r"|^[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}$",
    lambda n: "UNCATEGORIZED" if n == 13 else around("arn:", ":controlcatalog:::domain/", n),
    ["UNCATEGORIZED!", "uncategorized", "arn:aws:controlcatalog:::objective/x", UUID.upper()],
)

# AWS Config
pattern(r".*\S.*", lambda n: ("é 𝄞x" * n)[:n], ["", " ", "\t ", "a\nb"])
pattern(r"[\w+=,.@-]+", lambda n: ("aZ_0+=,.@-" * n)[:n], ["a b", "a/b", "é"])
pattern(r"guard\-2\.x\.x", lambda n: "guard-2.x.x", ["guard-2.x", "guard-2xxx", "Guard-2.x.x"], longest=11)
pattern(r"[a-zA-Z][-a-zA-Z0-9]*", lambda n: ("aZ-0" * n)[:n], ["0a", "-a", "a_b", "é"])
pattern(r"s3://.*", lambda n: ("s3://é 𝄞" * n)[:n], ["s3:/x", "S3://x", "s3://\n"], shortest=5)
pattern(r"^[a-zA-Z0-9_\-.:/]{3,200}$", lambda n: ("aZ0_-.:/" * n)[:n], ["ab", "a b c", "x" * 201], longest=200)
pattern(r"([$]LATEST|[$]DEFAULT|^[1-9][0-9]*$)", lambda n: ("1234567890" * n)[:n], ["01", "$OTHER", "LATEST", "1a"])
pattern(r"[\w\-]+", lambda n: ("aZ_0-" * n)[:n], ["a b", "a.b", "é"])
pattern(r"\d{12}", lambda n: ("0123456789" * n)[:n], ["a" * 12, "1" * 11, "1" * 13, "١" * 12], longest=12, shortest=12)
pattern(
    r"[a-zA-Z0-9]{2,64}::[a-zA-Z0-9]{2,64}::[a-zA-Z0-9]{2,64}",
    lambda n: ("AWS::EC2::" + "aZ09" * n)[:max(n, 12)],
    ["AWS::EC2", "A::EC2::Instance", "AWS::EC2::Instance::X", "AWS:EC2:Instance"],
    longest=74, shortest=12,
)

# EventBridge
pattern(r"[\.\-_A-Za-z0-9]+", lambda n: (".-_aZ0" * n)[:n], ["a b", "a/b", "é"])
pattern(
    r"(arn:aws[\w-]*:events:[a-z]+-[a-z]+-[\w-]+:[0-9]{12}:event-bus\/)?[/\.\-_A-Za-z0-9]+",
    lambda n: ("arn:aws:events:us-east-1:000000000000:event-bus/" * (n > 50) + "/.-_aZ0" * n)[:n],
    ["a b", "arn:aws:events:us-east-1:000000000000:event-bus/", "arn:aws:events:us-east-1:0:event-bus/x", "é"],
)

# CloudTrail
pattern(r".*", lambda n: ("é 𝄞x" * n)[:n], ["a\nb", "\r"])
pattern(r".+", lambda n: ("é 𝄞x" * n)[:n], ["a\nb"])
pattern(r"[\w|\d|\.|_]+", lambda n: ("aZ0_.|" * n)[:n], ["a-b", "a b", "é"])

# STS
pattern(
    r"[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]+",
    lambda n: ("arn:é\t\n\r ~\x85\ud7ff\ue000\ufffd" * n)[:n],
    ["\0" * 20, "\x1f" * 20, "a" * 20 + "\uffff", "a" * 20 + "𝄞"],
)
pattern(r"[\u0009\u000A\u000D\u0020-\u00FF]+", lambda n: ('{"é": ÿ\t\n\r}' * n)[:n], ["\0", "Ā", "𝄞"])
pattern(r"[\w+=,.@-]*", lambda n: ("aZ_0+=,.@-" * n)[:n], ["a b", "a/b", "éé", "a:b"])
pattern(r"[\w+=,.@:\/-]*", lambda n: ("aZ_0+=,.@:/-" * n)[:n], ["a b", "éé", "a*"])
pattern(r"[\w+=/:,.@-]*", lambda n: ("aZ_0+=/:,.@-" * n)[:n], ["a b c d e", "é" * 9])
pattern(r"[\d]*", lambda n: ("0123456789" * n)[:n], ["a" * 6, "12345 ", "١" * 6])
pattern(r"[\p{L}\p{Z}\p{N}_.:/=+\-@]+", lambda n: ("aZéß漢0٣½ \xa0\u2003_.:/=+-@" * n)[:n], ["a*", "a\tb", "a\nb", "€"])
pattern(r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*", lambda n: ("aZéß漢0٣½ \xa0\u2003_.:/=+-@" * n)[:n], ["a*", "a\tb", "a\nb", "€"])


def make(traits, length):
    """Returns a text of a length that violates no other constraint of its shape, if there is one."""
    if "pattern" not in traits:
        return ("é𝄞 x" * length)[:length]
    text, _, _ = PATTERNS[traits["pattern"]]
    return text(length)


def of_trait(shape, traits, trait, example):
    """Returns values of a shape at the limit of a trait, and values just beyond it.

    `example` is a valid value of the shape; lists and maps are built from it.
    """
    kind, bound = shape.type_name, traits[trait]
    if trait == "enum":
        return list(bound), [bound[0] + "x", bound[0].swapcase(), "", " " + bound[0]]
    if trait == "pattern":
        text, rejected, longest = PATTERNS[bound]
        most = min(traits.get("max", 100), longest or 10_000)
        return [text(most), text(max(traits.get("min", 0), min(most, 36)))], rejected
    beyond = bound + 1 if trait == "max" else bound - 1
    if kind == "integer":
        return [bound], [beyond]
    if kind == "string":
        _, _, longest = PATTERNS[traits["pattern"]] if "pattern" in traits else (None, None, None)
        within = max(min(bound, longest or bound), SHORTEST.get(traits.get("pattern"), 0))
        # A value that is too long for its pattern, too, does not exist.
        return [make(traits, within)], [text for text in [make(traits, beyond)] if len(text) == beyond] if beyond >= 0 else []
    if kind == "list":
        sized = lambda n: (example * n)[:n]
    else:
        (value,) = set(example.values())
        sized = lambda n: {f"k{number}": value for number in range(n)}
    return [sized(bound)], [sized(beyond)] if beyond >= 0 else []
