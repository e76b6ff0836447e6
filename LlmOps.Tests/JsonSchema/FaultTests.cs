using System.Text.Json;
using LlmOps.Gateway.JsonSchema;

namespace LlmOps.Tests.JsonSchema;

/// <summary>What is said of values that do not fit, and what of those that are made to be expensive.</summary>
public sealed class FaultTests
{
    // Each level asks for the next one twice, for the same value: 2^30 schemas in all.
    private static readonly string Doubling =
        "{\"$ref\":\"#/$defs/0\",\"$defs\":{"
        + string.Concat(Enumerable.Range(0, 30).Select(n => $"\"{n}\":{{\"oneOf\":[{{\"$ref\":\"#/$defs/{n + 1}\"}},{{\"$ref\":\"#/$defs/{n + 1}\"}}]}},"))
        + "\"30\":false}}";

    [Theory]
    [InlineData("""{"type":"string"}""", "1.0", "$ is an integer, expected a string")]
    [InlineData("""{"type":["string","null"]}""", "1.5", "$ is a number, expected a string or null")]
    [InlineData("""{"properties":{"items":{"items":{"properties":{"name":{"type":"string"}}}}}}""", """{"items":[{"name":null}]}""", "$.items[0].name is null, expected a string")]
    [InlineData("""{"properties":{"a b":{"maximum":3}}}""", """{"a b":4}""", "$['a b'] is 4, expected at most 3")]
    [InlineData("""{"required":["a","b","c"]}""", """{"b":1}""", "$ lacks a, c, which are required")]
    [InlineData("""{"properties":{"a":true},"additionalProperties":false}""", """{"b":1}""", "$.b is an additional property, expected none but a")]
    [InlineData("""{"additionalProperties":false}""", """{"b":1}""", "$.b is an additional property, expected none")]
    [InlineData("""{"propertyNames":{"maxLength":1}}""", """{"bc":1}""", "$.bc has a name that is not allowed, expected one that fits #/propertyNames")]
    [InlineData("""{"enum":["a","b"]}""", "\"secret\"", "$ is another value, expected one of \"a\", \"b\"")]
    [InlineData("""{"const":1}""", "2", "$ is another value, expected 1")]
    [InlineData("""{"minLength":3}""", "\"💩\"", "$ has 1 characters, expected at least 3")]
    [InlineData("""{"maxItems":1}""", "[1,2]", "$ has 2 items, expected at most 1")]
    [InlineData("""{"multipleOf":0.1}""", "0.35", "$ is 0.35, expected a multiple of 0.1")]
    [InlineData("""{"pattern":"^a"}""", "\"secret\"", "$ does not match, expected a string with the pattern ^a")]
    [InlineData("""{"format":"date"}""", "\"secret\"", "$ is another string, expected one of the format date")]
    [InlineData("""{"uniqueItems":true}""", "[1,1]", "$ has an item twice, expected each once")]
    [InlineData("""{"items":false}""", "[{}]", "$[0] is an object, expected no value there")]
    [InlineData("""{"anyOf":[{"properties":{"a":{"type":"string"}},"type":"object"},{"type":"null"}]}""", """{"a":1}""", "$.a is an integer, expected a string")]
    [InlineData("""{"anyOf":[{"minimum":3},{"multipleOf":2}]}""", "1", "$ is an integer that fits none of the 2 schemas in anyOf, expected at least one")]
    [InlineData("""{"oneOf":[{},{}]}""", "1", "$ fits several of the schemas in oneOf, expected exactly one")]
    [InlineData("""{"not":{}}""", "1", "$ fits #/not, expected a value that does not")]
    public void Fault_NamesThePlaceAndWhatWasExpected(string schema, string value, string told) =>
        SchemaCheck.Faults(schema, value).ShouldBe([told]);

    [Fact]
    public void Faults_AreAllTold() =>
        SchemaCheck.Faults("""{"properties":{"a":{"type":"string"},"b":{"minimum":1,"multipleOf":2}},"required":["c"]}""", """{"a":1,"b":-1}""").ShouldBe(
            ["$ lacks c, which is required", "$.a is an integer, expected a string", "$.b is -1, expected at least 1", "$.b is -1, expected a multiple of 2"], ignoreOrder: true);

    [Fact]
    public void ManyFaults_AreToldUpToTwenty() =>
        SchemaCheck.Faults("""{"items":{"type":"string"}}""", $"[{string.Join(',', Enumerable.Range(0, 100))}]").Length.ShouldBe(20);

    [Theory]
    [InlineData("")]
    [InlineData(",\"not\":{\"$ref\":\"#/$defs/0\"}")]
    public void ExponentialSchema_IsGivenUp(string more)
    {
        var faults = SchemaCheck.Faults(Doubling[..^1] + more + "}", "1");

        faults.ShouldBe(["$ cannot be checked: the schema needs more than 1000000 steps for this value"]);
    }

    [Fact]
    public void NegatedSchemaThatIsGivenUp_DoesNotFit() =>
        SchemaCheck.Faults(Doubling.Replace("\"$ref\":\"#/$defs/0\",", "\"not\":{\"$ref\":\"#/$defs/0\"},", StringComparison.Ordinal), "1")
            .ShouldBe(["$ cannot be checked: the schema needs more than 1000000 steps for this value"]);

    [Fact]
    public void ItemsMadeToCollide_AreGivenUp()
    {
        // All the same as a double, so they have one hash.
        var items = string.Join(',', Enumerable.Range(10_000, 4_000).Select(n => $"0.10000000000000000000000000{n}"));

        SchemaCheck.Faults("""{"uniqueItems":true}""", $"[{items}]").ShouldContain("$ cannot be checked: the schema needs more than 1000000 steps for this value");
    }

    [Theory]
    [InlineData("^(a|aa)+$")]
    [InlineData("^((a|b){0,60}a){0,60}c")]
    [InlineData("^(.*a){20}$")]
    public void PatternThatBacktracksWithoutEnd_IsGivenUp(string pattern) =>
        SchemaCheck.Faults($$"""{"pattern":"{{pattern}}"}""", $"\"{new string('a', 5_000)}b\"")
            .ShouldBe(["$ cannot be checked: the schema's patterns take too long for this value"]);

    [Fact]
    public void LongTextForAPattern_IsGivenUp() =>
        SchemaCheck.Faults("""{"pattern":"b"}""", $"\"{new string('a', 1_000_001)}\"")
            .ShouldBe(["$ cannot be checked: the schema needs more than 1000000 steps for this value"]);

    [Fact]
    public void DeepValue_IsGivenUp()
    {
        var value = JsonElement.Parse(new string('[', 2_000) + new string(']', 2_000), new JsonDocumentOptions { MaxDepth = 3_000 });

        var faults = Schema.Parse(JsonElement.Parse("""{"items":{"$ref":"#"}}""")).Validate(value);

        faults.ShouldHaveSingleItem().Message.ShouldBe("cannot be checked: schemas are nested there more than 512 deep");
    }

    [Theory]
    [InlineData("\"\\ud800\"")]
    [InlineData("\"\\udc00\\ud800\"")]
    [InlineData("[{\"a\\ud83dx\":1}]")]
    public void HalfASurrogatePair_IsAFault(string value) =>
        SchemaCheck.Faults("""{"minLength":1,"items":{"required":["x"]}}""", value).ShouldBe(["$ has half of a surrogate pair in it, expected text in valid Unicode"]);

    [Theory]
    [InlineData("1e99999999999")]
    [InlineData("[1e-10001]")]
    [InlineData("{\"a\":1E+10001}")]
    public void NumberThatCannotBeCompared_IsAFault(string value) =>
        SchemaCheck.Faults("""{"enum":[1]}""", value).ShouldHaveSingleItem().ShouldStartWith("$ has a number in it that is too long");

    [Fact]
    public void LongNumber_IsAFault() =>
        SchemaCheck.Faults("""{"type":"integer"}""", new string('1', 401)).ShouldHaveSingleItem().ShouldStartWith("$ has a number in it that is too long");

    [Fact]
    public void InvalidUtf8_IsAFault()
    {
        using var value = JsonDocument.Parse(new byte[] { (byte)'"', 0xff, (byte)'"' });

        var faults = Schema.Parse(JsonElement.Parse("""{"minLength":1}""")).Validate(value.RootElement);

        faults.ShouldHaveSingleItem().Message.ShouldStartWith("is not UTF-8");
    }

    [Fact]
    public void Schema_OutlivesItsDocument()
    {
        Schema schema;
        using (var document = JsonDocument.Parse("""{"enum":["a"]}"""))
        {
            schema = Schema.Parse(document.RootElement);
        }

        schema.Validate(JsonElement.Parse("\"a\"")).ShouldBeEmpty();
        schema.Validate(JsonElement.Parse("\"b\"")).ShouldHaveSingleItem().Message.ShouldContain("\"a\"");
    }
}
