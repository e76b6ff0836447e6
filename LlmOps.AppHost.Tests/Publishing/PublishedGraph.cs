using System.Text.RegularExpressions;
using YamlDotNet.Serialization;

namespace LlmOps.AppHost.Tests.Publishing;

/// <summary>What was published, in a folder of its own.</summary>
internal sealed partial class PublishedGraph : IDisposable
{
    private static readonly IDeserializer Yaml = new DeserializerBuilder().Build();

    private readonly string _folder = Directory.CreateTempSubdirectory("llmops-published-").FullName;

    /// <summary>Every file, by its path.</summary>
    public IReadOnlyDictionary<string, string> Files { get; private set; } = new Dictionary<string, string>();

    /// <summary>Publishes the graph.</summary>
    public static async Task<PublishedGraph> Of(string target, params string[] arguments)
    {
        var published = new PublishedGraph();
        await using var graph = TestGraph.Publish(target, published._folder, arguments);
        await graph.WriteAsync();

        published.Files = Directory.GetFiles(published._folder, "*", SearchOption.AllDirectories)
            .ToDictionary(file => Path.GetRelativePath(published._folder, file).Replace('\\', '/'), File.ReadAllText);
        published.Files.ShouldNotBeEmpty();
        return published;
    }

    /// <summary>A file as YAML; what Helm fills in stands there as it is.</summary>
    public Node Read(string file) => new(Yaml.Deserialize<object>(Files[file]));

    /// <summary>The expressions of Helm's values in all templates.</summary>
    public IEnumerable<string> Values() =>
        Files.Where(file => file.Key.StartsWith("templates/", StringComparison.Ordinal)).SelectMany(file => Value().Matches(file.Value)).Select(match => match.Groups[1].Value).Distinct();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [GeneratedRegex(@"\.Values\.([\w.]+)")]
    private static partial Regex Value();
}
