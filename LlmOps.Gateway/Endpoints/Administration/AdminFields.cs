using System.Globalization;
using System.Text.Json;
using LlmOps.Gateway.Access;
using LlmOps.Gateway.Access.Limits;
using LlmOps.Gateway.Access.Parameters;
using LlmOps.Gateway.Access.Users;
using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Accounting.Budgets;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Guardrails;
using LlmOps.Gateway.Prompts;

namespace LlmOps.Gateway.Endpoints.Administration;

/// <summary>The fields of a request that administers access, checked. A field that is not known is refused: a limit whose name is mistyped must not pass for none.</summary>
internal sealed class AdminFields
{
    private const int LongestLabel = 128;

    /// <summary>The most characters of a comment.</summary>
    public const int LongestComment = 1_000;

    private const int MostNames = 256;
    private const int LongestName = 256;
    private const int MostMetadata = 16 * 1024;
    private const int MostDecimals = 9;

    private static readonly string[] Periods = [.. Enum.GetNames<BudgetPeriod>().Select(period => period.ToLowerInvariant())];

    private static readonly string[] LimitNames =
        ["requests_per_minute", "requests_per_hour", "requests_per_day", "tokens_per_minute", "tokens_per_hour", "tokens_per_day", "concurrency"];

    private readonly JsonBody _body;

    private AdminFields(JsonBody body) => _body = body;

    /// <summary>Reads a body. One that is left out is the same as one without fields.</summary>
    /// <exception cref="GatewayException">It is no JSON object, or has other fields than the known ones.</exception>
    public static async Task<AdminFields> ReadAsync(HttpContext http, GatewayConfiguration configuration, params string[] known) =>
        new(await RequestBody.ReadFieldsAsync(http, configuration, known));

    /// <summary>Whether a field is there; null counts as there.</summary>
    public bool Has(string field) => _body.Root.TryGetProperty(field, out _);

    /// <summary>The fault of a field that must be there and is not.</summary>
    public static GatewayException Missing(string field, string expected) => new(ErrorCode.MissingParameter, $"{field} is missing; expected {expected}.", field);

    /// <summary>A label for people; null without one.</summary>
    public string? Label(string field) => Find(field) is not { } value ? null
        : _body.NonEmptyText(value) is { Length: <= LongestLabel } text && !text.Any(char.IsControl) ? text : throw _body.Invalid(value, $"1 to {LongestLabel} characters on one line");

    /// <summary>The name of a tenant or a team; null without one.</summary>
    public string? Name(string field) => Find(field) is not { } value ? null
        : AccessNames.IsName(_body.Text(value)) ? value.GetString() : throw _body.Invalid(value, AccessNames.NameForm);

    /// <summary>The name of a user; null without one.</summary>
    public string? Username(string field) => Find(field) is not { } value ? null
        : AccessNames.IsUsername(_body.Text(value)) ? value.GetString() : throw _body.Invalid(value, AccessNames.UsernameForm);

    /// <summary>A version of a prompt; null without one.</summary>
    public int? Version(string field) => Find(field) is { } value ? VersionName.Parse(_body.Text(value, VersionName.Form)) ?? throw _body.Invalid(value, VersionName.Form) : null;

    /// <summary>Why something is done; null without it.</summary>
    public string? Comment(string field) => Find(field) is { } value ? _body.ShortText(value, LongestComment) : null;

    /// <summary>A password; null without one. It is never quoted.</summary>
    public string? Password(string field) => Find(field) is not { } value ? null
        : value.ValueKind == JsonValueKind.String && _body.Text(value) is { Length: >= PasswordHash.ShortestPassword and <= PasswordHash.LongestPassword } text
            ? text
            : throw new GatewayException(ErrorCode.InvalidValue, $"{field} cannot be taken; expected a string of {PasswordHash.ShortestPassword} to {PasswordHash.LongestPassword} characters.", field);

    /// <summary>True or false; null without it.</summary>
    public bool? Flag(string field) => Find(field) is { } value ? _body.Boolean(value) : null;

    /// <summary>A whole number; null without one.</summary>
    public long? Whole(string field, long min, long max) => Find(field) is { } value ? _body.Integer(value, min, max) : null;

    /// <summary>Roles; null without any.</summary>
    public Roles? Roles(string field)
    {
        if (Find(field) is not { } list)
        {
            return null;
        }

        var expected = $"a list of {string.Join(", ", RoleNames.All)}";
        if (_body.Array(list, expected).GetArrayLength() == 0)
        {
            throw _body.Invalid(list, expected);
        }

        return RoleNames.Parse(list.EnumerateArray().Select(item => RoleNames.All.Contains(_body.Text(item)) ? item.GetString()! : throw _body.Invalid(item, $"one of {string.Join(", ", RoleNames.All)}")));
    }

    /// <summary>Names of models, prompts or tools; null without any.</summary>
    public IReadOnlyList<string>? Names(string field)
    {
        if (Find(field) is not { } list)
        {
            return null;
        }

        var expected = $"a list of up to {MostNames} names, with * at the end for all that begin so";
        return _body.Array(list, expected).GetArrayLength() > MostNames
            ? throw new GatewayException(ErrorCode.InvalidValue, $"{field} has {list.GetArrayLength()} items; expected {expected}.", field)
            : [.. list.EnumerateArray().Select(item => _body.NonEmptyText(item) is { Length: <= LongestName } name ? name : throw _body.Invalid(item, $"a name of up to {LongestName} characters"))];
    }

    /// <summary>Limits; null without any.</summary>
    public RequestLimits? Limits(string field)
    {
        if (Find(field) is not { } value)
        {
            return null;
        }

        _body.RefuseUnknown(_body.Object(value), LimitNames);
        var limits = new RequestLimits
        {
            RequestsPerMinute = Limit("requests_per_minute"),
            RequestsPerHour = Limit("requests_per_hour"),
            RequestsPerDay = Limit("requests_per_day"),
            TokensPerMinute = Limit("tokens_per_minute"),
            TokensPerHour = Limit("tokens_per_hour"),
            TokensPerDay = Limit("tokens_per_day"),
            Concurrency = Limit("concurrency"),
        };
        return limits == new RequestLimits() ? null : limits;

        long? Limit(string name) => JsonBody.Optional(value, name) is { } limit ? _body.Integer(limit, 1, RequestLimits.Most) : null;
    }

    /// <summary>A budget; null without one.</summary>
    public Budget? Budget(string field)
    {
        if (Find(field) is not { } value)
        {
            return null;
        }

        _body.RefuseUnknown(_body.Object(value), "usd", "period");
        var usd = _body.Required(value, "usd"u8, "dollars");
        var period = _body.Required(value, "period"u8, $"one of {string.Join(", ", Periods)}");
        return !Periods.Contains(_body.Text(period))
            ? throw _body.Invalid(period, $"one of {string.Join(", ", Periods)}")
            : new Budget(Dollars(usd), Enum.Parse<BudgetPeriod>(period.GetString()!, ignoreCase: true));
    }

    /// <summary>Ranges of parameters; null without any.</summary>
    public ParameterPolicy? Parameters(string field)
    {
        if (Find(field) is not { } value)
        {
            return null;
        }

        _body.RefuseUnknown(_body.Object(value), "temperature_min", "temperature_max", "top_p_min", "top_p_max", "max_tokens_max", "n_max");
        var policy = new ParameterPolicy
        {
            TemperatureMin = Number("temperature_min", ParameterPolicy.HighestTemperature),
            TemperatureMax = Number("temperature_max", ParameterPolicy.HighestTemperature),
            TopPMin = Number("top_p_min", ParameterPolicy.HighestTopP),
            TopPMax = Number("top_p_max", ParameterPolicy.HighestTopP),
            MaxTokensMax = Count("max_tokens_max", int.MaxValue),
            NMax = Count("n_max", ParameterPolicy.MostChoices),
        };
        return policy.FindEmptyRange() is { } empty
            ? throw new GatewayException(ErrorCode.InvalidValue, $"{field}.{empty}_min is above {field}.{empty}_max; expected a range.", $"{field}.{empty}_min")
            : policy == new ParameterPolicy() ? null : policy;

        float? Number(string name, float most) => JsonBody.Optional(value, name) is { } number ? (float)_body.Number(number, 0, most) : null;
        int? Count(string name, int most) => JsonBody.Optional(value, name) is { } number ? (int)_body.Integer(number, 1, most) : null;
    }

    /// <summary>Modes of guardrails; null without any.</summary>
    public GuardrailModes? Guardrails(string field)
    {
        if (Find(field) is not { } value)
        {
            return null;
        }

        _body.RefuseUnknown(_body.Object(value), "length", "prompt_injection", "personal_data", "personal_data_action", "secrets", "blocked_words", "schema", "judge");
        var modes = new GuardrailModes
        {
            Length = Word<GuardrailMode>("length"),
            PromptInjection = Word<GuardrailMode>("prompt_injection"),
            PersonalData = Word<GuardrailMode>("personal_data"),
            PersonalDataAction = Word<PersonalDataAction>("personal_data_action"),
            Secrets = Word<GuardrailMode>("secrets"),
            BlockedWords = Word<GuardrailMode>("blocked_words"),
            Schema = Word<GuardrailMode>("schema"),
            Judge = Word<GuardrailMode>("judge"),
        };
        return modes == new GuardrailModes() ? null : modes;

        T? Word<T>(string name)
            where T : struct, Enum
        {
            var words = Enum.GetNames<T>().Select(word => word.ToLowerInvariant()).ToList();
            return JsonBody.Optional(value, name) is not { } given ? null
                : words.Contains(_body.Text(given)) ? Enum.Parse<T>(given.GetString()!, ignoreCase: true) : throw _body.Invalid(given, $"one of {string.Join(", ", words)}");
        }
    }

    /// <summary>A time to come, in milliseconds since 1970; null without one.</summary>
    public long? Expiry(string field, DateTimeOffset now)
    {
        const string Expected = "a time to come with its offset, such as 2030-01-31T12:00:00Z";
        if (Find(field) is not { } value)
        {
            return null;
        }

        var text = _body.Text(value, Expected);
        return value.TryGetDateTimeOffset(out var time) && HasOffset(text) && time > now
            ? time.ToUnixTimeMilliseconds()
            : throw _body.Invalid(value, Expected);
    }

    /// <summary>An object of the caller's own, as JSON; null without one.</summary>
    public string? Metadata(string field) => Find(field) is not { } value ? null
        : _body.Object(value).GetRawText() is { Length: <= MostMetadata } text ? text : throw new GatewayException(ErrorCode.InvalidValue, $"{field} is longer than {MostMetadata} characters.", field);

    // A time of day without an offset would be read as one of this machine.
    private static bool HasOffset(string text) => text.IndexOf('T') is > 0 and var time && (text.EndsWith('Z') || text.AsSpan(time).ContainsAny('+', '-'));

    private JsonElement? Find(string field) => JsonBody.Optional(_body.Root, field);

    private NanoUsd Dollars(JsonElement value)
    {
        var expected = string.Create(CultureInfo.InvariantCulture, $"dollars from 0 to {Accounting.Budgets.Budget.MostDollars}, with at most {MostDecimals} decimals");
        return value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var dollars) && dollars is >= 0 and <= Accounting.Budgets.Budget.MostDollars && decimal.Round(dollars, MostDecimals) == dollars
            ? NanoUsd.FromDollars(dollars)
            : throw _body.Invalid(value, expected);
    }
}
