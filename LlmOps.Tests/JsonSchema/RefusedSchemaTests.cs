using System.Text.Json;
using LlmOps.Gateway.JsonSchema;

namespace LlmOps.Tests.JsonSchema;

/// <summary>Schemas that are refused when they are given, each with its place.</summary>
public sealed class RefusedSchemaTests
{
    [Theory]
    [InlineData("$dynamicRef", "\"#a\"")]
    [InlineData("$anchor", "\"a\"")]
    [InlineData("$vocabulary", "{}")]
    [InlineData("unevaluatedProperties", "false")]
    [InlineData("unevaluatedItems", "false")]
    [InlineData("dependentSchemas", "{}")]
    [InlineData("dependentRequired", "{}")]
    [InlineData("dependencies", "{}")]
    [InlineData("contains", "{}")]
    [InlineData("minContains", "1")]
    [InlineData("additionalItems", "false")]
    [InlineData("contentEncoding", "\"base64\"")]
    [InlineData("nullable", "true")]
    [InlineData("x-mine", "1")]
    [InlineData("$id", "\"http://example.com/a\"")]
    public void UnsupportedKeyword_IsRefusedWhereverItIs(string keyword, string value)
    {
        var schema = $"{{\"{keyword}\":{value}}}";
        foreach (var (around, location) in new[]
        {
            ("""{"properties":{"a":SCHEMA}}""", "#/properties/a/"),
            ("""{"$defs":{"a":SCHEMA}}""", "#/$defs/a/"),
            ("""{"anyOf":[true,SCHEMA]}""", "#/anyOf/1/"),
        })
        {
            var refused = SchemaCheck.Refused(around.Replace("SCHEMA", schema, StringComparison.Ordinal));

            refused.Location.ShouldBe(location + keyword);
            refused.Message.ShouldContain("not supported");
        }
    }

    [Theory]
    [InlineData("""1""", "#", "is 1, expected a schema")]
    [InlineData("""{"properties":[]}""", "#/properties", "is an array, expected an object of schemas")]
    [InlineData("""{"properties":{"a/b":1}}""", "#/properties/a~1b", "is 1, expected a schema, which is an object, true or false")]
    [InlineData("""{"type":"strng"}""", "#/type", "is \"strng\", expected one of string, integer")]
    [InlineData("""{"type":["string",1]}""", "#/type/1", "is 1, expected one of string")]
    [InlineData("""{"type":[]}""", "#/type", "expected at least one type")]
    [InlineData("""{"required":true}""", "#/required", "is true, expected an array of property names")]
    [InlineData("""{"required":[1]}""", "#/required/0", "expected a string")]
    [InlineData("""{"items":[{}]}""", "#/items", "is an array, expected a schema")]
    [InlineData("""{"prefixItems":[]}""", "#/prefixItems", "expected an array of at least one schema")]
    [InlineData("""{"anyOf":[]}""", "#/anyOf", "expected an array of at least one schema")]
    [InlineData("""{"allOf":{}}""", "#/allOf", "expected an array of at least one schema")]
    [InlineData("""{"enum":[]}""", "#/enum", "expected an array of at least one value")]
    [InlineData("""{"minLength":-1}""", "#/minLength", "is -1, expected an integer of at least 0")]
    [InlineData("""{"maxItems":1.5}""", "#/maxItems", "is 1.5, expected an integer of at least 0")]
    [InlineData("""{"minimum":"1"}""", "#/minimum", "expected a number")]
    [InlineData("""{"minimum":1,"exclusiveMinimum":true}""", "#/exclusiveMinimum", "is true, expected a number")]
    [InlineData("""{"multipleOf":0}""", "#/multipleOf", "expected a number greater than 0")]
    [InlineData("""{"uniqueItems":1}""", "#/uniqueItems", "expected true or false")]
    [InlineData("""{"format":"int32"}""", "#/format", "is \"int32\", expected one of the supported formats date, ")]
    [InlineData("""{"title":1}""", "#/title", "expected a string")]
    [InlineData("""{"examples":1}""", "#/examples", "expected an array")]
    [InlineData("""{"deprecated":"yes"}""", "#/deprecated", "expected true or false")]
    [InlineData("""{"$ref":1}""", "#/$ref", "expected a string")]
    [InlineData("""{"$ref":"#/$defs/x"}""", "#/$ref", "is \"#/$defs/x\", expected a schema of the same document")]
    [InlineData("""{"$defs":{"x":{}},"$ref":"#/$defs"}""", "#/$ref", "expected a schema of the same document")]
    [InlineData("""{"items":{"$ref":"https://example.com/s.json"}}""", "#/items/$ref", "expected a schema of the same document")]
    public void InvalidValue_IsRefusedWithWhatWasExpected(string schema, string location, string fault)
    {
        var refused = SchemaCheck.Refused(schema);

        refused.Location.ShouldBe(location);
        refused.Fault.ShouldContain(fault);
        refused.Message.ShouldBe($"The JSON schema at {location} {refused.Fault}");
    }

    [Theory]
    [InlineData("(")]
    [InlineData("[a")]
    [InlineData("a**")]
    [InlineData("a\\\\")]
    [InlineData("\\\\a")]
    [InlineData("\\\\Z")]
    [InlineData("\\\\u12")]
    [InlineData("\\\\u{110000}")]
    [InlineData("\\\\ud800")]
    [InlineData("\\\\p{Greek}")]
    [InlineData("\\\\pL")]
    [InlineData("(a)\\\\1")]
    [InlineData("(?i)a")]
    [InlineData("(?>a)")]
    [InlineData("(?(a)b)")]
    [InlineData("[💩]")]
    public void PatternThatCannotBeCompiled_IsRefused(string pattern)
    {
        SchemaCheck.Refused($$"""{"pattern":"{{pattern}}"}""").Location.ShouldBe("#/pattern");
        SchemaCheck.Refused($$"""{"patternProperties":{"{{pattern}}":true} }""").Fault.ShouldStartWith("has a pattern that ");
    }

    [Theory]
    [InlineData("""{"$ref":"#"}""")]
    [InlineData("""{"anyOf":[{"type":"string"},{"$ref":"#"}]}""")]
    [InlineData("""{"not":{"$ref":"#"}}""")]
    [InlineData("""{"if":{"$ref":"#/$defs/a"},"$defs":{"a":{"allOf":[{"$ref":"#/$defs/b"}]},"b":{"oneOf":[{"$ref":"#/$defs/a"}]}}}""")]
    [InlineData("""{"$defs":{"a":{"$ref":"#/$defs/a"}}}""")]
    public void SchemaThatAppliesItselfWithoutEnd_IsRefused(string schema) =>
        SchemaCheck.Refused(schema).Fault.ShouldContain("without end");

    [Fact]
    public void LongChainOfReferences_IsRefused()
    {
        var chain = string.Join(',', Enumerable.Range(0, 5_000).Select(n => $"\"{n}\":{{\"$ref\":\"#/$defs/{n + 1}\"}}"));

        SchemaCheck.Refused($$"""{"$defs":{ {{chain}},"5000":{} } }""").Fault.ShouldContain("more than 64 schemas");
    }

    [Fact]
    public void DeepSchema_IsRefused()
    {
        var text = string.Concat(Enumerable.Repeat("""{"items":""", 100)) + "{}" + new string('}', 100);

        var refused = Should.Throw<JsonSchemaException>(() => Schema.Parse(JsonElement.Parse(text, new JsonDocumentOptions { MaxDepth = 200 })));

        refused.Fault.ShouldContain("at most 64 within each other");
    }

    [Fact]
    public void LargeSchema_IsRefused() =>
        SchemaCheck.Refused($$"""{"anyOf":[{{string.Join(',', Enumerable.Repeat("true", 10_000))}}]}""").Fault.ShouldContain("at most 10000 schemas");

    [Fact]
    public void ManyPatterns_AreRefused() =>
        SchemaCheck.Refused($$"""{"allOf":[{{string.Join(',', Enumerable.Repeat("""{"pattern":"a"}""", 501))}}]}""").Location.ShouldBe("#/allOf/500/pattern");

    [Fact]
    public void LongPattern_IsRefused() =>
        SchemaCheck.Refused($$"""{"pattern":"{{new string('a', 1_001)}}"}""").Fault.ShouldContain("has 1001 characters, expected at most 1000");

    [Theory]
    [InlineData("""{"const":"\ud800"}""")]
    [InlineData("""{"properties":{"\udc00":true}}""")]
    public void HalfASurrogatePair_IsRefused(string schema) => SchemaCheck.Refused(schema).Fault.ShouldContain("surrogate");

    [Fact]
    public void Annotations_AreAccepted() =>
        SchemaCheck.Holds(
            """{"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"https://example.com/a","$comment":"c","title":"t","description":"d","default":{"$ref":1},"examples":[1],"deprecated":true,"readOnly":true,"writeOnly":false,"$defs":{},"definitions":{},"type":"string"}""",
            "\"a\"",
            fits: true);
}
