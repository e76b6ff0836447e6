namespace LlmOps.Tests.JsonSchema;

/// <summary>allOf, anyOf, oneOf, not, if and references.</summary>
public sealed class CombinationTests
{
    private const string Tree = """{"type":"object","properties":{"value":{"type":"number"},"children":{"type":"array","items":{"$ref":"#"}}},"required":["value"],"additionalProperties":false}""";
    private const string List = """{"$ref":"#/$defs/node","$defs":{"node":{"type":"object","properties":{"next":{"anyOf":[{"$ref":"#/$defs/node"},{"type":"null"}]}},"required":["next"]}}}""";

    [Theory]
    [InlineData("""{"allOf":[{"minimum":2},{"maximum":4}]}""", "3", true)]
    [InlineData("""{"allOf":[{"minimum":2},{"maximum":4}]}""", "5", false)]
    [InlineData("""{"allOf":[true,false]}""", "1", false)]
    [InlineData("""{"anyOf":[{"type":"integer"},{"minimum":2}]}""", "1", true)]
    [InlineData("""{"anyOf":[{"type":"integer"},{"minimum":2}]}""", "2.5", true)]
    [InlineData("""{"anyOf":[{"type":"integer"},{"minimum":2}]}""", "3", true)]
    [InlineData("""{"anyOf":[{"type":"integer"},{"minimum":2}]}""", "1.5", false)]
    [InlineData("""{"type":"string","anyOf":[{"maxLength":2},{"minLength":4}]}""", "\"quux\"", true)]
    [InlineData("""{"type":"string","anyOf":[{"maxLength":2},{"minLength":4}]}""", "\"foo\"", false)]
    [InlineData("""{"oneOf":[{"type":"integer"},{"minimum":2}]}""", "1", true)]
    [InlineData("""{"oneOf":[{"type":"integer"},{"minimum":2}]}""", "3", false)]
    [InlineData("""{"oneOf":[{"type":"integer"},{"minimum":2}]}""", "1.5", false)]
    [InlineData("""{"oneOf":[true,true,false]}""", "1", false)]
    [InlineData("""{"oneOf":[false,true,false]}""", "1", true)]
    [InlineData("""{"not":{"type":["integer","boolean"]}}""", "\"x\"", true)]
    [InlineData("""{"not":{"type":["integer","boolean"]}}""", "true", false)]
    [InlineData("""{"not":{"not":{"type":"string"}}}""", "1", false)]
    [InlineData("""{"if":{"maximum":0},"then":{"minimum":-10},"else":{"multipleOf":2}}""", "-1", true)]
    [InlineData("""{"if":{"maximum":0},"then":{"minimum":-10},"else":{"multipleOf":2}}""", "-100", false)]
    [InlineData("""{"if":{"maximum":0},"then":{"minimum":-10},"else":{"multipleOf":2}}""", "4", true)]
    [InlineData("""{"if":{"maximum":0},"then":{"minimum":-10},"else":{"multipleOf":2}}""", "3", false)]
    [InlineData("""{"then":false,"else":false}""", "3", true)]
    [InlineData("""{"if":false}""", "3", true)]
    public void Combination_Counts(string schema, string value, bool fits) => SchemaCheck.Holds(schema, value, fits);

    [Theory]
    [InlineData(Tree, """{"value":1,"children":[{"value":2},{"value":3,"children":[]}]}""", true)]
    [InlineData(Tree, """{"value":1,"children":[{"value":2,"children":[{"value":"x"}]}]}""", false)]
    [InlineData(List, """{"next":{"next":{"next":null}}}""", true)]
    [InlineData(List, """{"next":{"next":{}}}""", false)]
    [InlineData("""{"properties":{"a":{"type":"integer"},"b":{"$ref":"#/properties/a"}}}""", """{"b":"x"}""", false)]
    [InlineData("""{"definitions":{"x":{"type":"integer"}},"$ref":"#/definitions/x"}""", "1", true)]
    [InlineData("""{"definitions":{"x":{"type":"integer"}},"$ref":"#/definitions/x"}""", "\"1\"", false)]
    [InlineData("""{"$defs":{"x":{"type":"integer"}},"$ref":"#/$defs/x","minimum":3}""", "2", false)]
    [InlineData("""{"$defs":{"a/b":{"type":"integer"}},"$ref":"#/$defs/a~1b"}""", "\"1\"", false)]
    [InlineData("""{"$defs":{"a~b":{"type":"integer"}},"$ref":"#/$defs/a~0b"}""", "\"1\"", false)]
    [InlineData("""{"$defs":{"a%b c":{"type":"integer"}},"$ref":"#/$defs/a%25b%20c"}""", "\"1\"", false)]
    [InlineData("""{"prefixItems":[{"type":"integer"},{"$ref":"#/prefixItems/0"}]}""", "[1,\"x\"]", false)]
    [InlineData("""{"$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/c"},"c":{"type":"integer"}},"$ref":"#/$defs/a"}""", "true", false)]
    [InlineData("""{"properties":{"$ref":{"type":"string"}}}""", """{"$ref":1}""", false)]
    [InlineData("""{"const":{"$ref":"#/nowhere"}}""", """{"$ref":"#/nowhere"}""", true)]
    public void Reference_StandsForItsSchema(string schema, string value, bool fits) => SchemaCheck.Holds(schema, value, fits);
}
