using LlmOps.Gateway.Prompts.Files;

namespace LlmOps.Tests.Prompts.Files;

/// <summary>Files are taken once they are written, and go on until they are gone for good.</summary>
public sealed class PromptFolderTests : IDisposable
{
    private readonly TemporaryPrompts _prompts = new();

    public void Dispose() => _prompts.Dispose();

    [Fact]
    public void WholeFolder_IsReadAtOnceWhereAsked()
    {
        _prompts.Write(1).Write(3).Write(1, prompt: "other-1")
            .Write("greeter/labels.yaml", "production: v1\nstaging: v3")
            .Write("greeter/experiment.yaml", "name: tone\nvariants: [{version: v1}, {version: v3}]");

        var content = _prompts.ReadAtOnce();

        content.Faults.ShouldBeEmpty();
        content.IsSettled.ShouldBeTrue();
        content.Prompts.Keys.ShouldBe(["greeter", "other-1"], ignoreOrder: true);
        var greeter = content.Prompts["greeter"];
        greeter.Name.ShouldBe("greeter");
        greeter.Versions.Keys.ShouldBe([1, 3], ignoreOrder: true);
        greeter.Labels.ShouldBe(new Dictionary<string, (int, int?)> { ["production"] = (1, 1), ["staging"] = (3, 2) }, ignoreOrder: true);
        greeter.Experiment!.Name.ShouldBe("tone");
        (content.Prompts["other-1"].Labels, content.Prompts["other-1"].Experiment).ShouldBe((null, null));
    }

    [Fact]
    public void FileThatIsBeingWritten_IsTakenOnceItHasSettled()
    {
        _prompts.Write(1, "Hello {{na");
        _prompts.ReadAfter().ShouldSatisfyAllConditions(content => content.Prompts.ShouldBeEmpty(), content => content.Faults.ShouldBeEmpty(), content => content.IsSettled.ShouldBeFalse());
        _prompts.ReadAfter(0.9).Prompts.ShouldBeEmpty();

        _prompts.Write(1, "Hello {{name}}");

        _prompts.ReadAfter(0.9).Prompts.ShouldBeEmpty();
        _prompts.ReadAfter(0.9).ShouldSatisfyAllConditions(content => content.Prompts.ShouldBeEmpty(), content => content.IsSettled.ShouldBeFalse());
        _prompts.ReadAfter(0.1).ShouldSatisfyAllConditions(content => TextOf(content, 1).ShouldBe("Hello {{name}}"), content => content.IsSettled.ShouldBeTrue());
    }

    [Fact]
    public void ChangeThatIsBeingWritten_LeavesWhatWasThere()
    {
        _prompts.Write(1, "Old").ReadAtOnce();

        _prompts.Write(1, "New");

        TextOf(_prompts.ReadAfter(), 1).ShouldBe("Old");
        TextOf(_prompts.ReadAfter(0.9), 1).ShouldBe("Old");
        TextOf(_prompts.ReadAfter(0.1), 1).ShouldBe("New");
    }

    [Fact]
    public void ChangeOfTheSameLength_IsTaken()
    {
        _prompts.Write(1, "Old").ReadAtOnce();

        _prompts.Write(1, "New");

        TextOf(_prompts.ReadAtOnce(), 1).ShouldBe("New");
    }

    [Fact]
    public void FileThatComesBackWhileItSettles_NeverGoesAway()
    {
        _prompts.Write(1, "Old").ReadAtOnce();

        File.Delete(_prompts["greeter/v1.yaml"]);
        TextOf(_prompts.ReadAfter(), 1).ShouldBe("Old");
        TextOf(_prompts.ReadAfter(0.9), 1).ShouldBe("Old");
        _prompts.Write(1, "New");

        TextOf(_prompts.ReadAfter(0.1), 1).ShouldBe("Old");
        TextOf(_prompts.ReadAfter(0.9), 1).ShouldBe("Old");
        TextOf(_prompts.ReadAfter(0.1), 1).ShouldBe("New");
    }

    [Fact]
    public void FileThatComesBackAsItWas_IsThereAllTheTime()
    {
        _prompts.Write(1).ReadAtOnce();
        File.Move(_prompts["greeter/v1.yaml"], _prompts["greeter/v1.yaml.old"]);
        _prompts.ReadAfter().IsSettled.ShouldBeFalse();

        File.Move(_prompts["greeter/v1.yaml.old"], _prompts["greeter/v1.yaml"]);

        _prompts.ReadAfter().ShouldSatisfyAllConditions(content => content.Prompts.ShouldHaveSingleItem(), content => content.IsSettled.ShouldBeTrue());
    }

    [Fact]
    public void DeletedFile_IsGoneOnceThatHasSettled()
    {
        _prompts.Write(1).Write(2).ReadAtOnce();

        File.Delete(_prompts["greeter/v1.yaml"]);

        _prompts.ReadAfter().ShouldSatisfyAllConditions(content => content.Prompts["greeter"].Versions.Count.ShouldBe(2), content => content.IsSettled.ShouldBeFalse());
        _prompts.ReadAfter(1).ShouldSatisfyAllConditions(content => content.Prompts["greeter"].Versions.Keys.ShouldBe([2]), content => content.IsSettled.ShouldBeTrue());
    }

    [Fact]
    public void DeletedFile_IsGoneAtOnceWhereAsked()
    {
        _prompts.Write(1).Write("greeter/labels.yaml", "production: v1").ReadAtOnce();

        File.Delete(_prompts["greeter/v1.yaml"]);

        _prompts.ReadAtOnce().ShouldSatisfyAllConditions(content => content.Prompts.ShouldBeEmpty(), content => content.IsSettled.ShouldBeTrue());
    }

    [Fact]
    public void FileThatIsGoneBeforeItWasTaken_WasNeverThere()
    {
        _prompts.Write(1, "{{").ReadAfter();
        File.Delete(_prompts["greeter/v1.yaml"]);

        _prompts.ReadAfter(0.5).ShouldSatisfyAllConditions(content => content.Faults.ShouldBeEmpty(), content => content.IsSettled.ShouldBeTrue());
    }

    [Fact]
    public void FolderThatIsMissing_HasNoPromptsUntilItIsThere()
    {
        Directory.Delete(_prompts.Path);
        _prompts.ReadAtOnce().ShouldSatisfyAllConditions(content => content.Prompts.ShouldBeEmpty(), content => content.Faults.ShouldBeEmpty(), content => content.IsSettled.ShouldBeTrue());

        _prompts.Write(1).ReadAfter();

        _prompts.ReadAfter(1).Prompts.Keys.ShouldBe(["greeter"]);
    }

    [Fact]
    public void FolderThatIsReplaced_IsThereAllTheTime()
    {
        _prompts.Write(1, "Old").ReadAtOnce();

        Directory.Delete(_prompts.Path, recursive: true);
        TextOf(_prompts.ReadAfter(), 1).ShouldBe("Old");
        _prompts.Write(1, "New");
        TextOf(_prompts.ReadAfter(0.5), 1).ShouldBe("Old");

        TextOf(_prompts.ReadAfter(1), 1).ShouldBe("New");
    }

    // As Kubernetes mounts a ConfigMap: what the links lead to is swapped, the links stay.
    [Fact]
    public void ChangeOfWhatALinkLeadsTo_IsTaken()
    {
        _prompts.Write("..1/v1.yaml", TestedPrompts.FileOf(1, user: "Old")).Write("..2/v1.yaml", TestedPrompts.FileOf(1, user: "Newer"));
        Directory.CreateDirectory(_prompts["greeter"]);
        Directory.CreateSymbolicLink(_prompts["greeter/..data"], _prompts["..1"]);
        File.CreateSymbolicLink(_prompts["greeter/v1.yaml"], "..data/v1.yaml");
        TextOf(_prompts.ReadAtOnce(), 1).ShouldBe("Old");

        Directory.CreateSymbolicLink(_prompts["greeter/..tmp"], _prompts["..2"]);
        Directory.Delete(_prompts["greeter/..data"]);
        Directory.Move(_prompts["greeter/..tmp"], _prompts["greeter/..data"]);

        _prompts.ReadAfter().IsSettled.ShouldBeFalse();
        TextOf(_prompts.ReadAfter(1), 1).ShouldBe("Newer");
        _prompts.ReadAfter().Faults.ShouldBeEmpty();
    }

    private static string TextOf(PromptFolderContent content, int version) => content.Prompts["greeter"].Versions[version].Messages.ShouldHaveSingleItem().Content.Source;
}
