using LlmOps.Gateway.Guardrails.Findings;

namespace LlmOps.Tests.Guardrails;

public sealed class BlockedWordsTests
{
    private static readonly BlockedWords Words = new(["darn", "Project  Titan", "project titanium plus", "Straße", "c++", "毒品", "@evil", " "]);

    [Theory]
    [InlineData("Darn!", "Darn")]
    [InlineData("well,DARN😀", "DARN")]
    [InlineData("about project \n\t TITAN.", "project \n\t TITAN")]
    [InlineData("Project Titanium plus", "Project Titanium plus")]
    [InlineData("in der STRAßE", "STRAßE")]
    [InlineData("I like C++.", "C++")]
    [InlineData("买毒品吗", "毒品")]
    [InlineData("mail x@evil", "@evil")]
    public void WordOfTheList_IsFound(string text, string value) => FoundText.Of(text, Words).ShouldBe([(FindingRules.BlockedWord, value)]);

    [Theory]
    [InlineData("darning, undarn, darn_it, darn1, dàrn, darn\u0301")]
    [InlineData("Project Titanic, projecttitan, project, titan")]
    [InlineData("Straßen, 𐐨darn")]
    [InlineData("@evilone")]
    public void PartOfAWord_IsNone(string text) => FoundText.Of(text, Words).ShouldBeEmpty();

    [Fact]
    public void EmptyList_FindsNothing() => FoundText.Of("anything", new BlockedWords([])).ShouldBeEmpty();
}
