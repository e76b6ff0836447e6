using System.Text.Json;

namespace LlmOps.Gateway.Accounting;

/// <summary>The models whose limits and prices are known: the catalogue that is built in, and what the operator's own file adds or replaces.</summary>
internal sealed class ModelCatalogue
{
    private readonly Dictionary<(string Provider, string Model), ModelFacts> _models = [];

    private ModelCatalogue(IEnumerable<CatalogueFile> files)
    {
        foreach (var file in files)
        {
            // What has no first day replaces all there was; what has one comes after it.
            foreach (var facts in file.Models.OrderBy(facts => facts.From ?? DateOnly.MinValue))
            {
                foreach (var name in facts.Names)
                {
                    Add(Key(facts.Provider, name), facts with { AsOf = file.AsOf });
                }
            }
        }
    }

    /// <summary>The catalogue that is built in.</summary>
    public static ModelCatalogue BuiltIn { get; } = new([ReadBuiltIn()]);

    /// <summary>All models that are known.</summary>
    public IEnumerable<ModelFacts> All => _models.Values.Distinct();

    /// <summary>The built-in catalogue with the operator's own file on top.</summary>
    /// <param name="path">The file; null for none.</param>
    /// <param name="key">The setting that names it, for faults.</param>
    /// <param name="faults">What is wrong with it.</param>
    public static ModelCatalogue Read(string? path, string key, List<string> faults)
    {
        if (path is null)
        {
            return BuiltIn;
        }

        try
        {
            var file = JsonSerializer.Deserialize(File.ReadAllText(path), CatalogueContext.Default.CatalogueFile) ?? throw new JsonException("it is null");
            return new ModelCatalogue([ReadBuiltIn(), Checked(file)]);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            var reason = exception is JsonException { Path: { } place } ? $"{place} is not as expected: prices are numbers or decimal texts, docs/providers.md shows the form" : exception.Message;
            faults.Add($"{key} is '{path}', which cannot be read: {reason}");
            return BuiltIn;
        }
    }

    /// <summary>What is known of a provider's model; null for nothing.</summary>
    public ModelFacts? Find(string provider, string model) => _models.GetValueOrDefault(Key(provider, model));

    private void Add((string Provider, string Model) key, ModelFacts facts)
    {
        if (facts.From is not { } from || !_models.TryGetValue(key, out var known))
        {
            _models[key] = facts;
        }
        else if (known.From >= from)
        {
            // It takes the place of what was to begin with it, or later.
            _models[key] = facts;
        }
        else
        {
            _models[key] = known with { Later = [.. known.Later.Where(later => later.From < from), facts] };
        }
    }

    private static (string Provider, string Model) Key(string provider, string model) => (provider.ToUpperInvariant(), model.ToUpperInvariant());

    private static CatalogueFile Checked(CatalogueFile file)
    {
        for (var index = 0; index < file.Models.Count; index++)
        {
            var facts = file.Models[index] ?? throw new JsonException($"models[{index}] is null");
            if (facts.Names.Count == 0 || facts.Names.Any(string.IsNullOrWhiteSpace))
            {
                throw new JsonException($"models[{index}].names has no name, or an empty one");
            }

            if (facts.From > facts.Until)
            {
                throw new JsonException($"models[{index}].from is after its until");
            }

            if (facts.Price?.IsPlausible == false)
            {
                throw new JsonException($"models[{index}].price has a number below 0 or above {ModelPrice.Highest}");
            }
        }

        return file;
    }

    private static CatalogueFile ReadBuiltIn()
    {
        using var stream = typeof(ModelCatalogue).Assembly.GetManifestResourceStream("LlmOps.Gateway.Accounting.catalogue.json")!;
        return JsonSerializer.Deserialize(stream, CatalogueContext.Default.CatalogueFile)!;
    }
}
