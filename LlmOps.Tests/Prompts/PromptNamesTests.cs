using LlmOps.Gateway.Prompts;
using LlmOps.Gateway.Prompts.Labels;

namespace LlmOps.Tests.Prompts;

/// <summary>How prompts, versions and labels may be called.</summary>
public sealed class PromptNamesTests
{
    private static readonly string Long = new('a', 64);

    [Theory]
    [InlineData("v1", 1)]
    [InlineData("v42", 42)]
    [InlineData("v1000000", 1_000_000)]
    [InlineData("v1000001", null)]
    [InlineData("v99999999999999999999", null)]
    [InlineData("v0", null)]
    [InlineData("v01", null)]
    [InlineData("v-1", null)]
    [InlineData("v+1", null)]
    [InlineData("v1 ", null)]
    [InlineData(" v1", null)]
    [InlineData("v1.0", null)]
    [InlineData("v1a", null)]
    [InlineData("V1", null)]
    [InlineData("v١", null)]
    [InlineData("v1١", null)]
    [InlineData("1", null)]
    [InlineData("v", null)]
    [InlineData("", null)]
    public void VersionName_IsVAndANumberFrom1(string name, int? number)
    {
        VersionName.Parse(name).ShouldBe(number);

        if (number is { } version)
        {
            VersionName.Of(version).ShouldBe(name);
        }
    }

    [Theory]
    [InlineData("summarizer", true)]
    [InlineData("a", true)]
    [InlineData("0", true)]
    [InlineData("a-b_c9", true)]
    [InlineData("a-", true)]
    [InlineData("-a", false)]
    [InlineData("_a", false)]
    [InlineData("A", false)]
    [InlineData("a.b", false)]
    [InlineData("a b", false)]
    [InlineData("a/b", false)]
    [InlineData("..", false)]
    [InlineData("ü", false)]
    [InlineData("", false)]
    public void PromptName_IsOfLowerCaseLettersDigitsAndDashes(string name, bool isValid) => PromptName.IsValid(name).ShouldBe(isValid);

    [Theory]
    [InlineData("production", true)]
    [InlineData("Staging_2-b", true)]
    [InlineData("_x", true)]
    [InlineData("version1", true)]
    [InlineData("v0", true)]
    [InlineData("v2", false)]
    [InlineData("2", false)]
    [InlineData("a b", false)]
    [InlineData("a@b", false)]
    [InlineData("", false)]
    public void LabelName_IsOfLettersAndNoVersion(string name, bool isValid) => LabelName.IsValid(name).ShouldBe(isValid);

    [Fact]
    public void NamesOfMoreThan64Characters_AreNone()
    {
        (PromptName.IsValid(Long), LabelName.IsValid(Long)).ShouldBe((true, true));

        (PromptName.IsValid(Long + "a"), LabelName.IsValid(Long + "a")).ShouldBe((false, false));
    }

    [Theory]
    [InlineData("SUMMARIZER", "summarizer", true)]
    [InlineData("A_B", "a-b", true)]
    [InlineData("a-b", "a_b", true)]
    [InlineData("AB", "a-b", false)]
    public void EnvironmentVariable_TellsNeitherLetterCaseNorDashes(string variable, string prompt, bool isSame) => PromptName.IsSameVariable(variable, prompt).ShouldBe(isSame);
}
