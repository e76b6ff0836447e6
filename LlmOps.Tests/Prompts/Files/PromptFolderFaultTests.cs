namespace LlmOps.Tests.Prompts.Files;

/// <summary>What of the folder cannot be taken is told, and takes nothing else with it.</summary>
public sealed class PromptFolderFaultTests : IDisposable
{
    private readonly TemporaryPrompts _prompts = new();

    public void Dispose() => _prompts.Dispose();

    [Fact]
    public void ChangeThatCannotBeTaken_LeavesWhatTheFileSaid()
    {
        _prompts.Write(1, "Old").Write(2).ReadAtOnce();

        _prompts.Write("greeter/v1.yaml", "name: greeter\nversion: v1\nuser: |\n  New\n  {{\n");

        _prompts.ReadAfter().Faults.ShouldBeEmpty();
        var content = _prompts.ReadAfter(1);
        var fault = content.Faults.ShouldHaveSingleItem();
        (fault.Prompt, fault.File, fault.Line).ShouldBe(("greeter", "greeter/v1.yaml", 5));
        fault.ToString().ShouldStartWith("greeter/v1.yaml, line 5: {{ begins no variable here");
        content.IsSettled.ShouldBeTrue();
        content.Prompts["greeter"].Versions.Keys.ShouldBe([1, 2], ignoreOrder: true);
        content.Prompts["greeter"].Versions[1].Messages[0].Content.Source.ShouldBe("Old");
        _prompts.ReadAfter(1).Faults.ShouldBe([fault]);

        _prompts.Write(1, "New").ReadAtOnce().ShouldSatisfyAllConditions(
            mended => mended.Faults.ShouldBeEmpty(), mended => mended.Prompts["greeter"].Versions[1].Messages[0].Content.Source.ShouldBe("New"));
    }

    [Theory]
    [InlineData("greeter/v2.yaml", "name: greeter\nversion: v3\nuser: Hi", 2)]
    [InlineData("greeter/v2.yaml", "", null)]
    [InlineData("greeter/labels.yaml", "production: v1\nstaging: 1", 2)]
    [InlineData("greeter/experiment.yaml", "name: tone\n\nshare: 2\nvariants: [{version: v1}, {version: v2}]", 3)]
    public void NewFileThatCannotBeTaken_TakesNothingElseWithIt(string file, string text, int? line)
    {
        _prompts.Write(1).Write(1, prompt: "other").Write(file, text);

        var content = _prompts.ReadAtOnce();

        var fault = content.Faults.ShouldHaveSingleItem();
        (fault.Prompt, fault.File, fault.Line).ShouldBe(("greeter", file, line));
        content.Prompts.Keys.ShouldBe(["greeter", "other"], ignoreOrder: true);
        content.Prompts["greeter"].Versions.Keys.ShouldBe([1]);
        (content.Prompts["greeter"].Labels, content.Prompts["greeter"].Experiment).ShouldBe((null, null));
    }

    [Fact]
    public void LabelsThatCannotBeTaken_LeaveThoseThatWere()
    {
        _prompts.Write(1).Write("greeter/labels.yaml", "production: v1").ReadAtOnce();

        var content = _prompts.Write("greeter/labels.yaml", "production: latest").ReadAtOnce();

        content.Faults.ShouldHaveSingleItem().File.ShouldBe("greeter/labels.yaml");
        content.Prompts["greeter"].Labels!["production"].ShouldBe((1, 1));
    }

    [Fact]
    public void FaultOfAFile_GoesWithIt()
    {
        _prompts.Write(1).Write(2, "{{").ReadAtOnce().Faults.ShouldHaveSingleItem();

        File.Delete(_prompts["greeter/v2.yaml"]);

        _prompts.ReadAfter().Faults.Count.ShouldBe(1);
        _prompts.ReadAfter(1).Faults.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("greeter/v01.yaml")]
    [InlineData("greeter/v1.yml")]
    [InlineData("greeter/V2.yaml")]
    [InlineData("greeter/v2.YAML")]
    [InlineData("greeter/latest.yaml")]
    [InlineData("greeter/label.yaml")]
    public void YamlOfAnotherName_IsAFault(string file)
    {
        _prompts.Write(1).Write(file, TestedPrompts.FileOf(2));

        var content = _prompts.ReadAtOnce();

        content.Faults.ShouldHaveSingleItem().ToString().ShouldBe($"{file}: It is passed over; expected v1.yaml, labels.yaml or experiment.yaml.");
        content.Prompts["greeter"].Versions.Keys.ShouldBe([1]);
    }

    [Theory]
    [InlineData("Greeter")]
    [InlineData("my prompt")]
    [InlineData("-x")]
    public void FolderThatCanBeNoPrompt_IsAFaultWhereItHasYaml(string folder)
    {
        _prompts.Write($"{folder}/readme.md", "x").ReadAtOnce().Faults.ShouldBeEmpty();

        _prompts.Write($"{folder}/v1.yaml", "x");

        var fault = _prompts.ReadAtOnce().Faults.ShouldHaveSingleItem();
        (fault.Prompt, fault.File, fault.Line).ShouldBe((null, folder, null));
        fault.Reason.ShouldStartWith($"'{folder}' cannot be a prompt; expected a name of up to 64 lower-case letters");
    }

    [Fact]
    public void WhatIsHiddenOrOfOthers_IsPassedOver()
    {
        _prompts.Write(1).Write("v1.yaml", "x").Write(".git/v1.yaml", "x").Write("greeter/.v1.yaml.swp", "x").Write("greeter/.v2.yaml", "x").Write("greeter/eval.yaml", "x")
            .Write("greeter/dataset.jsonl", "x").Write("greeter/dataset-hard.yaml", "x").Write("greeter/v1.yaml~", "x").Write("greeter/v2.yaml.tmp", "x").Write("greeter/old/v1.yaml", "x").Write("greeter/v3.yaml/x.txt", "x").Write("empty/readme.md", "x");

        var content = _prompts.ReadAtOnce();

        content.Faults.ShouldBeEmpty();
        content.Prompts.ShouldHaveSingleItem().Value.Versions.Keys.ShouldBe([1]);
    }

    [Fact]
    public void FileThatIsTooLarge_IsAFault()
    {
        _prompts.Write(1).Write("greeter/v2.yaml", TestedPrompts.FileOf(2, more: "#" + new string('x', 1024 * 1024)));

        var fault = _prompts.ReadAtOnce().Faults.ShouldHaveSingleItem();

        fault.Reason.ShouldMatch("^It has [0-9]+ bytes; expected at most 1048576\\.$");
    }

    [Fact]
    public void FileThatIsNoUtf8_IsAFault()
    {
        _prompts.Write(1).Write("greeter/v2.yaml", "");
        File.WriteAllBytes(_prompts["greeter/v2.yaml"], [.. "name: greeter\nversion: v2\nuser: H"u8, 0xFC, (byte)'\n']);

        _prompts.ReadAtOnce().Faults.ShouldHaveSingleItem().ToString().ShouldBe("greeter/v2.yaml: It is not valid UTF-8.");
    }

    [Fact]
    public void ByteOrderMarkAndWindowsLines_AreTaken()
    {
        _prompts.Write("greeter/v1.yaml", "\uFEFFname: greeter\r\nversion: v1\r\nuser: |\r\n  Grüße\r\n  {{name}}\r\n");

        var content = _prompts.ReadAtOnce();

        content.Faults.ShouldBeEmpty();
        content.Prompts["greeter"].Versions[1].Messages[0].Content.Source.ShouldBe("Grüße\n{{name}}\n");
    }

    [Fact]
    public void FileThatSomebodyHolds_IsTakenOnceItIsFree()
    {
        _prompts.Write(1, "Old").ReadAtOnce();
        using (new FileStream(_prompts.Write(1, "New")["greeter/v1.yaml"], FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            var held = _prompts.ReadAtOnce();

            held.Faults.ShouldHaveSingleItem().ToString().ShouldStartWith("greeter/v1.yaml: It cannot be read: ");
            held.IsSettled.ShouldBeFalse();
            held.Prompts["greeter"].Versions[1].Messages[0].Content.Source.ShouldBe("Old");
            _prompts.ReadAfter(2).IsSettled.ShouldBeTrue();
        }

        var free = _prompts.ReadAfter();

        free.Faults.ShouldBeEmpty();
        free.Prompts["greeter"].Versions[1].Messages[0].Content.Source.ShouldBe("New");
    }

    [Fact]
    public void FileThatCouldNeverBeRead_LeavesNoFaultWhenItIsGone()
    {
        using (new FileStream(_prompts.Write(1)["greeter/v1.yaml"], FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            _prompts.ReadAtOnce().Faults.ShouldHaveSingleItem();
        }

        File.Delete(_prompts["greeter/v1.yaml"]);

        _prompts.ReadAfter(1).Faults.ShouldBeEmpty();
    }

    [Fact]
    public void FolderThatIsAFile_HasNoPrompts()
    {
        _prompts.Write(1).ReadAtOnce();
        Directory.Delete(_prompts.Path, recursive: true);
        File.WriteAllText(_prompts.Path, "x");

        _prompts.ReadAtOnce().Prompts.ShouldBeEmpty();
    }
}
