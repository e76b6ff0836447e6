namespace LlmOps.Tests.JsonSchema;

/// <summary>type, enum and const.</summary>
public sealed class TypeAndValueTests
{
    [Theory]
    [InlineData("integer", "1", true)]
    [InlineData("integer", "1.0", true)]
    [InlineData("integer", "1e2", true)]
    [InlineData("integer", "10e-1", true)]
    [InlineData("integer", "0.0", true)]
    [InlineData("integer", "-0", true)]
    [InlineData("integer", "12345678910111213141516171819202122232425262728293031", true)]
    [InlineData("integer", "1.1", false)]
    [InlineData("integer", "1e-1", false)]
    [InlineData("integer", "12345678910111213141516171819202122232425262728293031.1", false)]
    [InlineData("integer", "\"1\"", false)]
    [InlineData("number", "1", true)]
    [InlineData("number", "1.5", true)]
    [InlineData("number", "\"1\"", false)]
    [InlineData("string", "\"1\"", true)]
    [InlineData("string", "\"\"", true)]
    [InlineData("string", "1", false)]
    [InlineData("object", "{}", true)]
    [InlineData("object", "[]", false)]
    [InlineData("array", "[]", true)]
    [InlineData("array", "{}", false)]
    [InlineData("boolean", "true", true)]
    [InlineData("boolean", "false", true)]
    [InlineData("boolean", "0", false)]
    [InlineData("boolean", "null", false)]
    [InlineData("null", "null", true)]
    [InlineData("null", "false", false)]
    [InlineData("null", "\"\"", false)]
    public void Type_IsThatOfTheValue(string type, string value, bool fits) =>
        SchemaCheck.Holds($$"""{"type":"{{type}}"}""", value, fits);

    [Theory]
    [InlineData("1", true)]
    [InlineData("null", true)]
    [InlineData("1.5", false)]
    [InlineData("{}", false)]
    public void Types_AreAlternatives(string value, bool fits) => SchemaCheck.Holds("""{"type":["integer","null"]}""", value, fits);

    [Theory]
    [InlineData("[1]", "1.0", true)]
    [InlineData("[1.0]", "1", true)]
    [InlineData("[100]", "1e2", true)]
    [InlineData("[0]", "-0.0", true)]
    [InlineData("[9007199254740992]", "9007199254740993", false)]
    [InlineData("[0]", "false", false)]
    [InlineData("[false]", "0", false)]
    [InlineData("[[false]]", "[0]", false)]
    [InlineData("[1]", "true", false)]
    [InlineData("[\"a\"]", "\"\\u0061\"", true)]
    [InlineData("[\"a\"]", "\"A\"", false)]
    [InlineData("[\"\\u0000\"]", "\"\"", false)]
    [InlineData("[null]", "null", true)]
    [InlineData("[{\"a\":1,\"b\":2}]", "{\"b\":2,\"a\":1.0}", true)]
    [InlineData("[{\"a\":1}]", "{\"a\":1,\"b\":2}", false)]
    [InlineData("[{\"a\":1,\"b\":2}]", "{\"a\":1}", false)]
    [InlineData("[[1,2]]", "[2,1]", false)]
    [InlineData("[6,\"foo\",[],true,{\"foo\":12}]", "{\"foo\":12}", true)]
    [InlineData("[6,\"foo\",[],true,{\"foo\":12}]", "{\"foo\":false}", false)]
    public void Enum_HasTheValue(string allowed, string value, bool fits) => SchemaCheck.Holds($$"""{"enum":{{allowed}}}""", value, fits);

    [Theory]
    [InlineData("{\"foo\":\"bar\",\"baz\":\"bax\"}", "{\"baz\":\"bax\",\"foo\":\"bar\"}", true)]
    [InlineData("{\"a\":false}", "{\"a\":0}", false)]
    [InlineData("-2", "-2.0", true)]
    [InlineData("null", "0", false)]
    [InlineData("[{\"foo\":\"bar\"}]", "[{\"foo\":\"bar\"}]", true)]
    [InlineData("[{\"foo\":\"bar\"}]", "[]", false)]
    public void Const_IsTheValue(string constant, string value, bool fits) => SchemaCheck.Holds($$"""{"const":{{constant}}}""", value, fits);

    [Theory]
    [InlineData("true", true)]
    [InlineData("{}", true)]
    [InlineData("false", false)]
    [InlineData("""{"not":{}}""", false)]
    [InlineData("""{"not":false}""", true)]
    public void BooleanSchema_TakesAllOrNothing(string schema, bool fits)
    {
        foreach (var value in new[] { "1", "\"a\"", "true", "null", "{}", "[]" })
        {
            SchemaCheck.Holds(schema, value, fits);
        }
    }
}
