using LlmOps.Gateway.Endpoints;
using LlmOps.Gateway.Errors;

namespace LlmOps.Gateway.Prompts.Experiments;

/// <summary>What an experiment compares, and on whom. It is the same for as long as the experiment lasts, but for its share and its guard.</summary>
internal sealed record ExperimentDefinition
{
    private const int MostVariants = 10;
    private const int LongestSalt = 128;
    private const int LongestDescription = 4_000;

    private static readonly string[] Fields = ["name", "description", "unit", "salt", "share", "state", "guard", "variants"];

    /// <summary>Its name, which no other experiment has had.</summary>
    public required string Name { get; init; }

    /// <summary>The prompt that it is on.</summary>
    public required string Prompt { get; init; }

    /// <summary>What it is to find out, for people; null for nothing.</summary>
    public string? Description { get; init; }

    /// <summary>What always sees the same variant.</summary>
    public ExperimentUnit Unit { get; init; }

    /// <summary>Makes its assignment another one than that of others.</summary>
    public required string Salt { get; init; }

    /// <summary>The part of the units that takes part, 0 to 1.</summary>
    public double Share { get; init; } = 1;

    /// <summary>The state that it is to be in; of a file, the state that somebody has changed it to.</summary>
    public ExperimentState State { get; init; }

    /// <summary>What it compares, at least two; the first is what the others are compared with.</summary>
    public required IReadOnlyList<VariantDefinition> Variants { get; init; }

    /// <summary>How much worse than the first, on which measures, a variant may be before it is paused.</summary>
    public required IReadOnlyDictionary<Measure, double> Guard { get; init; }

    /// <summary>Reads one.</summary>
    /// <param name="body">Where it is.</param>
    /// <param name="prompt">The prompt that its place says; null where it has to say so itself.</param>
    /// <exception cref="GatewayException">400, with the field and what was expected.</exception>
    public static ExperimentDefinition Read(JsonBody body, string? prompt)
    {
        var root = body.Root;
        body.RefuseUnknown(root, prompt is null ? [.. Fields, "prompt"] : Fields);
        var name = NameOf(body);
        return new ExperimentDefinition
        {
            Name = name,
            Prompt = prompt ?? body.NonEmptyText(body.Required(root, "prompt"u8, "the prompt's name")),
            Description = JsonBody.Optional(root, "description"u8) is { } text ? body.ShortText(text, LongestDescription) : null,
            Unit = Word<ExperimentUnit>(body, "unit") ?? ExperimentUnit.Request,
            Salt = JsonBody.Optional(root, "salt"u8) is not { } salt ? name : body.NonEmptyText(salt) is { Length: <= LongestSalt } chosen ? chosen : throw body.Invalid(salt, $"up to {LongestSalt} characters"),
            Share = ShareOf(body) ?? 1,
            State = Word<ExperimentState>(body, "state") ?? ExperimentState.Draft,
            Variants = ReadVariants(body),
            Guard = GuardOf(body) ?? new Dictionary<Measure, double> { [Measure.ErrorRate] = 0 },
        };
    }

    /// <summary>The share of a body; null where it has none.</summary>
    public static double? ShareOf(JsonBody body) => JsonBody.Optional(body.Root, "share"u8) is { } share ? body.Number(share, 0, 1) : null;

    /// <summary>The guard of a body; null where it has none.</summary>
    public static IReadOnlyDictionary<Measure, double>? GuardOf(JsonBody body)
    {
        if (JsonBody.Optional(body.Root, "guard"u8) is not { } guard)
        {
            return null;
        }

        body.RefuseUnknown(body.Object(guard, "an object of measures, and by how much each may be worse"), [.. MeasureNames.All]);
        return guard.EnumerateObject().ToDictionary(member => MeasureNames.Parse(member.Name)!.Value, member => body.Number(member.Value, 0, 1e12));
    }

    /// <summary>A word among those of an enumeration; null where the field is not there.</summary>
    public static T? Word<T>(JsonBody body, string field)
        where T : struct, Enum
    {
        var words = Enum.GetNames<T>().Select(word => word.ToLowerInvariant()).ToList();
        return JsonBody.Optional(body.Root, field) is not { } value ? null
            : words.Contains(body.Text(value)) ? Enum.Parse<T>(value.GetString()!, ignoreCase: true) : throw body.Invalid(value, $"one of {string.Join(", ", words)}");
    }

    /// <summary>Whether two are of the same comparison: only its share, its state, its guard and its description can change.</summary>
    public bool Compares(ExperimentDefinition other) =>
        (Name, Prompt, Unit, Salt) == (other.Name, other.Prompt, other.Unit, other.Salt) && Variants.Select(variant => variant.ToJson()).SequenceEqual(other.Variants.Select(variant => variant.ToJson()));

    private static string NameOf(JsonBody body)
    {
        var value = body.Required(body.Root, "name"u8, PromptTemplate.NameForm);
        return PromptTemplate.IsName(body.Text(value)) ? value.GetString()! : throw body.Invalid(value, PromptTemplate.NameForm);
    }

    private static List<VariantDefinition> ReadVariants(JsonBody body)
    {
        var expected = $"a list of 2 to {MostVariants} variants";
        var list = body.Array(body.Required(body.Root, "variants"u8, expected), expected);
        if (list.GetArrayLength() is < 2 or > MostVariants)
        {
            throw new GatewayException(ErrorCode.InvalidValue, $"variants has {list.GetArrayLength()}; expected {expected}.", "variants");
        }

        List<VariantDefinition> variants = [];
        foreach (var item in list.EnumerateArray())
        {
            var variant = VariantDefinition.Read(body, item);
            if (variants.Exists(other => other.Name == variant.Name))
            {
                throw new GatewayException(ErrorCode.InvalidValue, $"{body.PathOf(item)} has the name {variant.Name} of another one; expected a name of its own.", body.PathOf(item));
            }

            variants.Add(variant);
        }

        return variants;
    }
}

/// <summary>What always sees the same variant; where a request has none of it, the request itself does.</summary>
internal enum ExperimentUnit
{
    /// <summary>A request, by its X-Request-ID.</summary>
    Request,

    /// <summary>A user: X-LlmOps-User, else the user of the credential.</summary>
    User,

    /// <summary>A conversation: X-LlmOps-Session.</summary>
    Session,

    /// <summary>A key.</summary>
    Key,
}

/// <summary>Where an experiment is.</summary>
internal enum ExperimentState
{
    /// <summary>It has not begun.</summary>
    Draft,

    /// <summary>Its units see their variants.</summary>
    Running,

    /// <summary>Nobody sees its variants; it can go on.</summary>
    Paused,

    /// <summary>It is over.</summary>
    Decided,
}
