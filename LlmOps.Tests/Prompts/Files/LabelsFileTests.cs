using LlmOps.Gateway.Prompts.Files;

namespace LlmOps.Tests.Prompts.Files;

/// <summary>Which versions a labels.yaml names.</summary>
public sealed class LabelsFileTests
{
    [Fact]
    public void Labels_AreReadWithTheirLines() =>
        LabelsFile.Read("# What runs.\nproduction: v2\n\nstaging: \"v10\"\n").ShouldBe(
            new Dictionary<string, (int, int?)> { ["production"] = (2, 2), ["staging"] = (10, 4) }, ignoreOrder: true);

    [Fact]
    public void NoLabels_AreNone() => LabelsFile.Read("{}").ShouldBeEmpty();

    [Theory]
    [InlineData("production: v1\nstaging: 2", 2, "staging is 2; expected v and a number from 1, such as v2.")]
    [InlineData("production: latest", 1, "production is \"latest\"; expected v and a number")]
    [InlineData("production: v0", 1, "production is \"v0\"")]
    [InlineData("production:", 1, "production is null")]
    [InlineData("production:\n  - v1", 2, "production is an array")]
    [InlineData("production: v1\nv2: v2", 2, "'v2' cannot be a label; expected a name of up to 64 letters, digits, _ and -, that is no version.")]
    [InlineData("a b: v1", 1, "'a b' cannot be a label")]
    [InlineData("production: v1\nproduction: v2", 2, "production is there twice")]
    [InlineData("", null, "The file is empty.")]
    [InlineData("- production", null, "The body is an array")]
    public void WhatNamesNoVersion_IsRefusedWithItsLine(string text, int? line, string reason)
    {
        var fault = Should.Throw<PromptFileException>(() => LabelsFile.Read(text));

        fault.Message.ShouldStartWith(reason);
        fault.Line.ShouldBe(line);
    }
}
