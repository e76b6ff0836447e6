using LlmOps.Gateway.Guardrails.Findings;

namespace LlmOps.Tests.Guardrails;

/// <summary>A text in pieces and in one: the same findings, the same text out.</summary>
public sealed class TextWindowTests
{
    private static readonly BlockedWords Words = new(["darn", "project titan", "project titan two", "毒品", "c++", "x"]);
    private static readonly ITextDetector[] All = [new PersonalData(PersonalDataKinds.All), new LeakedSecrets(), Words];

    // Alone too: what one holds back would hide what another lets go too early.
    private static readonly ITextDetector[][] Sets =
        [All, [new PersonalData(PersonalDataKinds.Email)], [new PersonalData(PersonalDataKinds.All & ~PersonalDataKinds.Email)], [new LeakedSecrets()], [Words]];

    // Whole matches, look-alikes, and parts that make others when they meet.
    private static readonly string[] Parts =
    [
        "john.doe@example.com", "@", "a@b.co", "j+n@x-y.org", ".", "-", "+", "(", ")", "/", ":", "=", "\"", "'", " ", " ", " ", "\n", "\\n", "\u00a0", ",", "_", "#", "😀", "𐐨", "é", "\u0301",
        "+49 (0)30 1234567", "(212) 555-0123", "phone", "tel: ", "030 12345678", "DE89 3704 0044 0532 0130 00", "GB29 NWBK 6016 1331 9268 19", "DE89", "4111 1111 1111 1111", "4111-1111-1111-1111",
        "378282246310005", "123-45-6789", "86 095 742 719", "AB 12 34 56 C", "AB ", "X-1234567-L", "12345678Z", "RSSMRA85T10A562S", "2 55 08 14 168 025 38", "529.982.247-25", "2341 2341 2346",
        "192.168.0.12", "version ", "2001:db8::1", "fe80::", "1", "22", "333", "4444", "12345678", "v", "A", "aB3", "AB", "sk-", "sk-proj-Ab3dEf6hIj9kLm2nOp5qRs8t", "AKIA" + "IOSFODNN7EXAMPLE", "SK",
        "0123456789abcdef0123456789abcdef", "eyJ", "eyJhbGciOiJIUzI1NiJ9", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N", "-----BEGIN ", "PRIVATE KEY", "-----",
        "-----BEGIN PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7bq98k7gmVv3tB0h6Qe1nq0pXr5s\nq0pX==\n-----END PRIVATE KEY-----", "-----END ", "MIIEpAIBAAKCAQEA7bq98k7gmVv3", "Proc-Type: 4,ENCRYPTED\n",
        "postgres://app:s3cr3t@db.internal", "://", "https://user:", "token", "key", "secret: ", "Bearer ", "api_key = \"", "9fJ2kLmQ8vXz4TbN7rWc", "550e8400-e29b-41d4-a716-446655440000",
        "darn", "DARN", "project", "  titan", " two", "毒品", "c++", "x", "the", "quick brown fox", "is it. ", "Then", "git", ".png",
    ];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void AnySplit_FindsTheSameAsTheWhole(int seed)
    {
        var detectors = Sets[seed % Sets.Length];
        var random = new Random(seed);
        var findings = 0;
        for (var round = 0; round < 200; round++)
        {
            var text = RandomText(random);
            var (whole, wholeFound) = Run(detectors, text, [text.Length]);

            foreach (var cuts in (int[][])[[1], Sizes(random, 3), Sizes(random, 12), Sizes(random, 60)])
            {
                var (pieces, found) = Run(detectors, text, cuts);
                pieces.ShouldBe(whole, $"seed {seed}, round {round}, pieces of {string.Join(',', cuts)}: {text}");
                found.ShouldBe(wholeFound);
            }

            wholeFound.Select(found => found.Finding).ShouldBe(Finding.In(text, detectors));
            wholeFound.ShouldAllBe(found => text.Substring(found.Finding.Start, found.Finding.Length) == found.Value);
            findings += wholeFound.Count;
        }

        findings.ShouldBeGreaterThan(40);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(6)]
    public void WhatIsHeldBack_IsNoLongerThanTheLongestAndNeverHalfACharacter(int seed)
    {
        var random = new Random(seed);
        var longest = All.Max(detector => detector.Longest);
        for (var round = 0; round < 200; round++)
        {
            var window = Masking();
            foreach (var character in RandomText(random))
            {
                var left = window.Push(character.ToString());

                window.Held.ShouldBeLessThanOrEqualTo(longest);
                (left.Length > 0 && char.IsHighSurrogate(left[^1])).ShouldBeFalse();
            }
        }
    }

    [Fact]
    public void MatchAcrossPieces_DoesNotLeave()
    {
        var window = Masking();

        window.Push("Write to john.d").ShouldBe("Write to ");
        window.Push("oe@exam").ShouldBeEmpty();
        window.Push("ple.com").ShouldBeEmpty();
        window.Found.ShouldBeEmpty();

        window.Push(" today").ShouldBe("<pii_email> ");
        window.Found.ShouldBe([new FoundValue(new Finding(FindingRules.Email, 9, 20), "john.doe@example.com")]);
        window.End().ShouldBe("today");
    }

    [Fact]
    public void Prose_LeavesButForItsLastWord()
    {
        var window = Masking();

        window.Push("It was the best of times, it was the wor").ShouldBe("It was the best of times, it was the ");
        window.Push("st of times in 18").ShouldBe("worst of times in ");
        window.Push("59. The").ShouldBe("1859. ");
        window.End().ShouldBe("The");
    }

    [Fact]
    public void ValueThatIsNotReplaced_LeavesAsItIs()
    {
        var window = new TextWindow([new PersonalData(PersonalDataKinds.All)], (_, _) => null);

        var left = window.Push("john@example.com, ") + window.End();

        left.ShouldBe("john@example.com, ");
        window.Found.Count.ShouldBe(1);
    }

    [Fact]
    public void LongText_KeepsPlacesOfTheWhole()
    {
        var window = Masking();
        var words = string.Concat(Enumerable.Repeat("lorem ipsum ", 1000));

        foreach (var piece in (words + "john@example.com end").Chunk(7))
        {
            window.Push(new string(piece));
        }

        window.End().ShouldBe("end");
        window.Found.Single().Finding.ShouldBe(new Finding(FindingRules.Email, words.Length, 16));
    }

    [Theory]
    [InlineData("client secret: '9fJ2kLmQ8vXz4TbN7rWc' ")]
    [InlineData("postgres://application:s3cr3t@db ")]
    [InlineData("my phone number is 5551234567 ")]
    [InlineData("product version 1.2.3.4 ")]
    public void WhatStandsBefore_IsKnownWhereverTheWindowForgets(string text)
    {
        ITextDetector[] detectors = [new PersonalData(PersonalDataKinds.Phone | PersonalDataKinds.Ip), new LeakedSecrets()];
        var rules = Finding.In(text, detectors).Select(finding => finding.Rule).ToList();

        for (var prose = 960; prose < 1120; prose++)
        {
            var (_, found) = Run(detectors, new string(' ', prose) + text, [prose, .. Enumerable.Repeat(1, text.Length)]);

            found.Select(value => value.Finding.Rule).ShouldBe(rules, $"after {prose} characters");
        }
    }

    private static TextWindow Masking() => new(All, Mark);

    private static string Mark(Finding finding, string value) => $"<{finding.Rule}>";

    private static (string Text, List<FoundValue> Found) Run(ITextDetector[] detectors, string text, int[] sizes)
    {
        var window = new TextWindow(detectors, Mark);
        var left = new System.Text.StringBuilder();
        for (var (place, piece) = (0, 0); place < text.Length; piece++)
        {
            var size = Math.Min(sizes[piece % sizes.Length], text.Length - place);
            left.Append(window.Push(text.Substring(place, size)));
            place += size;
        }

        return (left.Append(window.End()).ToString(), [.. window.Found]);
    }

    private static int[] Sizes(Random random, int most) => [.. Enumerable.Range(0, 16).Select(_ => random.Next(1, most + 1))];

    // Some behind so much prose that the window forgets it amid the parts.
    private static string RandomText(Random random) =>
        (random.Next(8) == 0 ? string.Concat(Enumerable.Repeat("lorem ", random.Next(150, 200))) : "")
        + string.Concat(Enumerable.Range(0, random.Next(1, 40)).Select(_ => Parts[random.Next(Parts.Length)] + (random.Next(3) == 0 ? " " : "")));
}
