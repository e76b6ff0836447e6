using LlmOps.Gateway.Prompts;

namespace LlmOps.Tests.Prompts;

/// <summary>Where a template has places for values, and what stays as it is written.</summary>
public sealed class PromptTemplateTests
{
    private static readonly Dictionary<string, string> Values = new() { ["a"] = "1", ["b"] = "2", ["c-d_3"] = "3" };

    [Theory]
    [InlineData("", "")]
    [InlineData("no place", "no place")]
    [InlineData("{{a}}", "1")]
    [InlineData("{{ a }}", "1")]
    [InlineData("{{\t\n a \r\n}}", "1")]
    [InlineData("x{{a}}{{b}}y{{a}}", "x12y1")]
    [InlineData("{{c-d_3}}", "3")]
    [InlineData("{{a}}}", "1}")]
    [InlineData("}}{{a}}", "}}1")]
    public void PlacesWithWhiteSpaceOrNot_TakeTheirValues(string template, string text) => PromptTemplate.Parse(template).Render(Values).ShouldBe(text);

    [Theory]
    [InlineData(@"\{{a}}", "{{a}}")]
    [InlineData(@"\\{{a}}", @"\1")]
    [InlineData(@"\\\{{a}}", @"\{{a}}")]
    [InlineData(@"\\\\{{a}}", @"\\1")]
    [InlineData(@"\{{\{{", "{{{{")]
    [InlineData(@"{{a}}\{{b}}", "1{{b}}")]
    [InlineData(@"{{a}}\\{{b}}", @"1\2")]
    [InlineData(@"\{{", "{{")]
    [InlineData(@"\{{ never closed, no name", "{{ never closed, no name")]
    [InlineData(@"C:\temp\\x {{a}}", @"C:\temp\\x 1")]
    [InlineData(@"\{a}", @"\{a}")]
    [InlineData(@"{{a}}\", @"1\")]
    public void Backslash_EscapesBeforeTwoBracesOnly(string template, string text) => PromptTemplate.Parse(template).Render(Values).ShouldBe(text);

    [Theory]
    [InlineData("{\"a\": {\"b\": 1}}")]
    [InlineData("{a} }} }")]
    [InlineData("{ { a } }")]
    [InlineData("{%a%} ${a} %a% <a>")]
    public void BracesThatDoNotOpenTwice_StayAsTheyAre(string template)
    {
        var parsed = PromptTemplate.Parse(template);

        parsed.Render(Values).ShouldBe(template);
        parsed.Names.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("{{", 0)]
    [InlineData("ab {{a", 3)]
    [InlineData("{{a}", 0)]
    [InlineData("{{}}", 0)]
    [InlineData("{{  }}", 0)]
    [InlineData("{{a b}}", 0)]
    [InlineData("{{1a}}", 0)]
    [InlineData("{{-a}}", 0)]
    [InlineData("{{a.b}}", 0)]
    [InlineData("{{ü}}", 0)]
    [InlineData("{{{a}}}", 0)]
    [InlineData("{{#if a}}x{{/if}}", 0)]
    [InlineData("{{a}} and {{b", 10)]
    [InlineData(@"\{{a}} {{b c}}", 7)]
    public void TwoBracesThatAreNoPlace_AreRefusedWithTheirPosition(string template, int position)
    {
        var fault = Should.Throw<PromptTemplateException>(() => PromptTemplate.Parse(template));

        fault.Position.ShouldBe(position);
        fault.Message.ShouldContain("{{name}}");
        fault.Message.ShouldContain(@"\{{");
    }

    [Fact]
    public void NameOfMoreThan64Characters_IsRefused()
    {
        PromptTemplate.Parse($"{{{{{new string('a', 64)}}}}}").Names.ShouldBe([new string('a', 64)]);

        Should.Throw<PromptTemplateException>(() => PromptTemplate.Parse($"{{{{{new string('a', 65)}}}}}"));
    }

    [Fact]
    public void ValuesThatLookLikePlaces_AreLeftAlone()
    {
        var values = new Dictionary<string, string> { ["a"] = @"{{b}} \{{ \\ {{", ["b"] = "{{a}}" };

        PromptTemplate.Parse("{{a}}|{{b}}|{{a}}").Render(values).ShouldBe(@"{{b}} \{{ \\ {{|{{a}}|{{b}} \{{ \\ {{");
    }

    [Fact]
    public void Names_AreThereOnceEachInTheirOrder() =>
        PromptTemplate.Parse("{{b}}{{ a }}{{B}}{{b}}{{a}}").Names.ShouldBe(["b", "a", "B"]);

    [Fact]
    public void Source_IsTheTextAsItIsWritten() => PromptTemplate.Parse(@"{{ a }}\{{").Source.ShouldBe(@"{{ a }}\{{");
}
