using System.Text;
using LlmOps.Gateway.Prompts.Files;

namespace LlmOps.Tests.Prompts.Files;

/// <summary>YAML is read as JSON, and what cannot be read says so.</summary>
public sealed class YamlTextTests
{
    [Theory]
    [InlineData("1", "1")]
    [InlineData("-0.5", "-0.5")]
    [InlineData("1e3", "1e3")]
    [InlineData("1.5E-3", "1.5E-3")]
    [InlineData("true", "true")]
    [InlineData("False", "false")]
    [InlineData("~", "null")]
    [InlineData("", "null")]
    [InlineData("NULL", "null")]
    [InlineData("yes", "\"yes\"")]
    [InlineData("on", "\"on\"")]
    [InlineData("tRUE", "\"tRUE\"")]
    [InlineData("01", "\"01\"")]
    [InlineData("0x1F", "\"0x1F\"")]
    [InlineData("1_000", "\"1_000\"")]
    [InlineData("12:30", "\"12:30\"")]
    [InlineData("1.", "\"1.\"")]
    [InlineData(".5", "\".5\"")]
    [InlineData("+1", "\"\\u002B1\"")]
    [InlineData(".inf", "\".inf\"")]
    [InlineData("'1'", "\"1\"")]
    [InlineData("\"true\"", "\"true\"")]
    [InlineData("[1, a, [], {}]", "[1,\"a\",[],{}]")]
    [InlineData("{a: {b: 1}}", "{\"a\":{\"b\":1}}")]
    [InlineData("|\n  a\n  b\n", "\"a\\nb\\n\"")]
    [InlineData(">-\n  a\n  b\n", "\"a b\"")]
    public void Values_MeanWhatTheCoreSchemaSays(string yaml, string json) =>
        Encoding.UTF8.GetString(YamlText.Read($"x: {yaml}", text => text.Body).Bytes.Span).ShouldBe($$"""{"x":{{json}}}""");

    [Theory]
    [InlineData("", null, "The file is empty.")]
    [InlineData("# only a comment\n", null, "The file is empty.")]
    [InlineData("---\n", null, "The body is null; expected an object.")]
    [InlineData("just text", null, "The body is a string; expected an object.")]
    [InlineData("- a\n- b", null, "The body is an array; expected an object.")]
    [InlineData("a: 1\nb: 2\na: 3", 3, "a is there twice; expected it once.")]
    [InlineData("a:\n  b: 1\n  \"b\": 2", 3, "b is there twice")]
    [InlineData("a: {b: 1, b: 2}", 1, "b is there twice")]
    [InlineData("a: &x 1", 1, "Anchors, aliases and tags are not taken here")]
    [InlineData("a: 1\nb: *x", 2, "Anchors, aliases and tags are not taken here")]
    [InlineData("a: 1\nb: !!str 2", 2, "Anchors, aliases and tags are not taken here")]
    [InlineData("a: 1\nb: !mine {}", 2, "Anchors, aliases and tags are not taken here")]
    [InlineData("a: 1\nb: !!binary |\n  aGk=", 2, "Anchors, aliases and tags are not taken here")]
    [InlineData("a: 1\nb: &all [1]", 2, "Anchors, aliases and tags are not taken here")]
    [InlineData("a: &x {b: 1}\nc:\n  <<: *x", 1, "Anchors, aliases and tags are not taken here")]
    [InlineData("a: 1\n---\nb: 2", 2, "There is more than one document in the file; expected one.")]
    [InlineData("a: 1\n? [b]\n: 2", 2, "A name is no plain text; expected name: value.")]
    [InlineData("a: 1\n  b: 2", 2, "It is not YAML: ")]
    [InlineData("a: 1\nb: [1, 2", 3, "It is not YAML: ")]
    [InlineData("a: 1\nb: \"open", 2, "It is not YAML: ")]
    [InlineData("a: 1\n\tb: 2", 1, "It is not YAML: ")]
    [InlineData("a: 1\nb: @x", 2, "It is not YAML: ")]
    [InlineData("a: 1\nb: x: y", 2, "It is not YAML: ")]
    public void WhatIsNoPlainDocument_IsRefusedWithItsLine(string text, int? line, string reason)
    {
        var fault = Should.Throw<PromptFileException>(() => YamlText.Read(text, yaml => yaml));

        fault.Message.ShouldStartWith(reason);
        fault.Line.ShouldBe(line);
    }

    [Theory]
    [InlineData("&x a: 1")]
    [InlineData("!!str a: 1")]
    public void NameWithAnAnchorOrATag_IsRefused(string text) => Should.Throw<PromptFileException>(() => YamlText.Read(text, yaml => yaml)).Line.ShouldBe(1);

    [Fact]
    public void DocumentWithItsMarks_IsOne() => YamlText.Read("%YAML 1.2\n---\na: 1\n...\n", yaml => yaml.Body.Root.GetProperty("a").GetInt32()).ShouldBe(1);

    [Fact]
    public void TooManyValuesOrLevels_AreRefused()
    {
        YamlText.Read(Deep(31), yaml => yaml.Body.Root.ValueKind.ToString()).ShouldBe("Object");
        Should.Throw<PromptFileException>(() => YamlText.Read(Deep(40), yaml => yaml)).Message.ShouldStartWith("There is too much in the file; expected at most 10000 values in 32 levels.");
        Should.Throw<PromptFileException>(() => YamlText.Read(Deep(100_000), yaml => yaml));

        var many = Should.Throw<PromptFileException>(() => YamlText.Read("a:\n" + string.Concat(Enumerable.Repeat("- 1\n", 10_001)), yaml => yaml));

        many.Message.ShouldStartWith("There is too much in the file");
        many.Line.ShouldBe(10_000);
    }

    [Theory]
    [InlineData("a", 1)]
    [InlineData("a.b", 2)]
    [InlineData("a.b[0]", 3)]
    [InlineData("a.b[1].c", 4)]
    [InlineData("a.b[1].missing", 4)]
    [InlineData("a.text", 6)]
    [InlineData("missing", 1)]
    [InlineData("", 1)]
    public void Line_IsThatOfTheValueOrOfWhatShouldHaveIt(string path, int line) =>
        YamlText.Read("a: {x: 1,\n b: [\n 1,\n {c: 1}],\n text:\n 'x'}", yaml => yaml.LineOf(path)).ShouldBe(line);

    [Theory]
    [InlineData("user: \"\\ud800\"")]
    [InlineData("user: \"\\U00110000\"")]
    [InlineData("\"\\udc00\": 1")]
    [InlineData("user: \"\\x00 {{\"")]
    [InlineData("? \n: ")]
    [InlineData(": 1")]
    [InlineData("a: 1e999999999999")]
    public void OddText_IsReadOrRefused(string text) => ReadOrRefused("name: greeter\nversion: v1\n" + text);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void DamagedText_IsReadOrRefused(int seed)
    {
        const string Whole = "name: greeter\nversion: v1\nparameters: {temperature: 0.5, stop: [a, \"b\\n\"]}\nvariables:\n  - name: x\n    default: 'y'\nsystem: >-\n  Hi\nuser: |\n  Hello {{x}}\n";
        const string Marks = "\n\t :-[]{}&*!|>'\"%@`#,?\\~\0\u0085\u2028\ufeff\ud83d0aé";
        var random = new Random(seed);
        for (var trial = 0; trial < 2_000; trial++)
        {
            var text = new StringBuilder(Whole);
            for (var change = random.Next(1, 4); change > 0; change--)
            {
                var at = random.Next(text.Length);
                text.Remove(at, random.Next(Math.Min(3, text.Length - at))).Insert(at, Marks[random.Next(Marks.Length)]);
            }

            ReadOrRefused(text.ToString());
        }
    }

    private static string Deep(int levels) => $"a: {new string('[', levels)}{new string(']', levels)}";

    // Another exception would end the reading of all prompts.
    private static void ReadOrRefused(string text)
    {
        try
        {
            VersionFile.Read("greeter", 1, text).ContentHash.ShouldNotBeEmpty();
        }
        catch (PromptFileException exception)
        {
            exception.Message.ShouldNotBeEmpty();
        }
    }
}
