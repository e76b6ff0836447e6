using System.Text.Json;

namespace LlmOps.Tests.Contracts;

public class ContractSchemaTests
{
    [Theory]
    [InlineData("""{"type":"string"}""", "1", "body: is number, not string")]
    [InlineData("""{"type":["string","null"]}""", "null", null)]
    [InlineData("""{"type":"string","nullable":true}""", "null", null)]
    [InlineData("""{"type":"integer"}""", "1.0", null)]
    [InlineData("""{"type":"integer"}""", "1.5", "body: is number, not integer")]
    [InlineData("""{"enum":["a","b"]}""", "\"c\"", """body: is "c", not one of ["a","b"]""")]
    [InlineData("""{"const":{"a":1}}""", """{"a":1}""", null)]
    [InlineData("""{"minimum":0}""", "-1", "body: is -1, less than 0")]
    [InlineData("""{"maximum":1}""", "2", "body: is 2, more than 1")]
    [InlineData("""{"minLength":2}""", "\"😀\"", "body: has 1 characters, fewer than 2")]
    [InlineData("""{"maxLength":1}""", "\"ab\"", "body: has 2 characters, more than 1")]
    [InlineData("""{"pattern":"^a+$"}""", "\"ab\"", "body: does not match ^a+$")]
    [InlineData("""{"minItems":1}""", "[]", "body: has 0 items, fewer than 1")]
    [InlineData("""{"maxItems":1,"items":{"type":"string"}}""", "[\"a\",2]", "body: has 2 items, more than 1|[1]: is number, not string")]
    [InlineData("""{"required":["a"]}""", "{}", "a: is missing")]
    [InlineData("""{"properties":{"a":{}},"additionalProperties":{"type":"string"}}""", """{"a":1,"b":2}""", "b: is number, not string")]
    [InlineData("""{"properties":{"a":{}},"additionalProperties":true}""", """{"b":2}""", null)]
    [InlineData("""{"additionalProperties":false}""", """{"b":2}""", "b: is not in the contract")]
    [InlineData("""{"properties":{"a":false}}""", """{"a":2}""", "a: is not allowed")]
    [InlineData("""{"type":"object"}""", """{"b":2}""", null)]
    [InlineData("""{"oneOf":[{"type":"string"},{"minLength":1}]}""", "\"ab\"", "body: fits 2 forms where one is demanded")]
    [InlineData("""{"anyOf":[{"type":"string"},{"minLength":1}]}""", "\"ab\"", null)]
    [InlineData("""{"anyOf":[{"type":"string"},{"type":"array","items":{"type":"string"}}]}""", "[1]", "[0]: is number, not string (the nearest of 2 forms)")]
    [InlineData("""{"$ref":"#/definitions/tree"}""", """{"inner":{"inner":{"other":1}}}""", "inner.inner.other: is not in the contract")]
    [InlineData("""{"$ref":"#/definitions/loop"}""", "1", null)]
    [InlineData("""{"$ref":"#/definitions/a~1b"}""", "1", "body: is number, not string")]
    [InlineData("""{"$ref":"#/definitions/more"}""", """{"known":1,"extra":1,"other":1}""", "other: is not in the contract")]
    public void Keywords_AreHeld(string schema, string value, string? faults) => Faults(schema, value).ShouldBe(faults?.Split('|') ?? []);

    [Theory]
    [InlineData("""{"a":1,"b":2,"c":"x"}""", null)]
    [InlineData("""{"a":1,"d":2,"c":"y"}""", null)]
    [InlineData("""{"a":1,"d":2,"c":"x"}""", "d: is not in the contract (the nearest of 2 forms)")]
    [InlineData("""{"a":1,"b":2,"c":"x","e":3}""", "e: is not in the contract")]
    public void Closed_SeesThroughAllOf_AndTellsFormsApart(string value, string? first)
    {
        const string Schema = """
            {"allOf":[{"properties":{"a":{}}}],
             "properties":{"c":{}},
             "oneOf":[{"properties":{"c":{"const":"x"},"b":{}}},{"properties":{"c":{"const":"y"},"d":{}}}]}
            """;
        Faults(Schema, value).FirstOrDefault().ShouldBe(first);
    }

    [Fact]
    public void Open_TakesMore_ButNotWhatIsForbidden()
    {
        var open = new ContractSchema(default, isClosed: false, new Dictionary<string, string[]>());
        open.Faults(JsonElement.Parse("""{"properties":{"a":{}}}"""), JsonElement.Parse("""{"b":1}""")).ShouldBeEmpty();
        open.Faults(JsonElement.Parse("""{"properties":{"a":{}},"additionalProperties":false}"""), JsonElement.Parse("""{"b":1}""")).Count.ShouldBe(1);
    }

    private static List<string> Faults(string schema, string value)
    {
        var root = JsonElement.Parse("""
            {"definitions":{
              "tree":{"type":"object","properties":{"inner":{"$ref":"#/definitions/tree"}}},
              "loop":{"anyOf":[{"$ref":"#/definitions/loop"}]},
              "a/b":{"type":"string"},
              "more":{"properties":{"known":{}},"additionalProperties":false}}}
            """);
        var contract = new ContractSchema(root, isClosed: true, new Dictionary<string, string[]> { ["more"] = ["extra"] });
        return [.. contract.Faults(JsonElement.Parse(schema), JsonElement.Parse(value)).Select(fault => fault.ToString())];
    }
}
