namespace LlmOps.Tests.Contracts;

public class YamlJsonTests
{
    [Theory]
    [InlineData("true", "true")]
    [InlineData("'true'", "\"true\"")]
    [InlineData("off", "\"off\"")]
    [InlineData("~", "null")]
    [InlineData("", "null")]
    [InlineData("\"\"", "\"\"")]
    [InlineData("-9223372036854776000", "-9223372036854776000")]
    [InlineData("1.5e3", "1.5e3")]
    [InlineData("\"1\"", "\"1\"")]
    [InlineData("007", "\"007\"")]
    [InlineData("2.3.0", "\"2.3.0\"")]
    [InlineData("2026-11-21", "\"2026-11-21\"")]
    [InlineData("!!str 1", "\"1\"")]
    [InlineData("|-\n  12", "\"12\"")]
    public void AScalar_KeepsItsType(string yaml, string json) =>
        YamlJson.Parse($"value: {yaml}\n").GetProperty("value").GetRawText().ShouldBe(json);

    [Fact]
    public void AnAlias_IsItsAnchorsValue() =>
        YamlJson.Parse("a: &a [1, {b: two}]\nc: *a\n").GetRawText().ShouldBe("""{"a":[1,{"b":"two"}],"c":[1,{"b":"two"}]}""");

    [Fact]
    public void ABlock_MayBeginWithALineOfSpaces() =>
        YamlJson.Parse("a: |\n      \n  b\n").GetProperty("a").GetString().ShouldBe("\nb\n");
}
