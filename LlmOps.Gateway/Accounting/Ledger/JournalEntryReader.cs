using System.Text.Json;
using LlmOps.Gateway.Accounting.Budgets;

namespace LlmOps.Gateway.Accounting.Ledger;

/// <summary>Reads what <see cref="JournalLine"/> has written. Members that it does not know are passed over.</summary>
internal static class JournalEntryReader
{
    /// <summary>Reads an entry.</summary>
    /// <exception cref="JsonException">It is not JSON.</exception>
    /// <exception cref="InvalidOperationException">A member has another type than it should.</exception>
    /// <exception cref="FormatException">A member is missing, or not what it should be.</exception>
    public static LedgerEntry Read(ReadOnlySpan<byte> line)
    {
        var json = new Utf8JsonReader(line);
        json.Read();
        var (id, at) = (Guid.Empty, default(DateTimeOffset));
        string? requestId = null, endpoint = null, tenant = null, team = null, user = null, key = null, subject = null, model = null, provider = null;
        string? providerModel = null, prompt = null, promptVersion = null, variant = null, experiment = null, unit = null, outcome = null, cache = null, label = null, session = null;
        long? input = null, output = null, cost = null, saved = null, duration = null, firstChunk = null;
        bool stream = false, estimated = false;
        List<LedgerAttempt> attempts = [];
        List<BudgetCounter> budgets = [];
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var name = json.ValueSpan;
            json.Read();
            switch (name)
            {
                case var _ when name.SequenceEqual("id"u8): id = json.GetGuid(); break;
                case var _ when name.SequenceEqual("at"u8): at = DateTimeOffset.FromUnixTimeMilliseconds(json.GetInt64()); break;
                case var _ when name.SequenceEqual("rid"u8): requestId = Text(ref json); break;
                case var _ when name.SequenceEqual("ep"u8): endpoint = Text(ref json); break;
                case var _ when name.SequenceEqual("te"u8): tenant = Text(ref json); break;
                case var _ when name.SequenceEqual("tm"u8): team = Text(ref json); break;
                case var _ when name.SequenceEqual("us"u8): user = Text(ref json); break;
                case var _ when name.SequenceEqual("ke"u8): key = Text(ref json); break;
                case var _ when name.SequenceEqual("su"u8): subject = Text(ref json); break;
                case var _ when name.SequenceEqual("mo"u8): model = Text(ref json); break;
                case var _ when name.SequenceEqual("pr"u8): provider = Text(ref json); break;
                case var _ when name.SequenceEqual("pm"u8): providerModel = Text(ref json); break;
                case var _ when name.SequenceEqual("pt"u8): prompt = Text(ref json); break;
                case var _ when name.SequenceEqual("pv"u8): promptVersion = Text(ref json); break;
                case var _ when name.SequenceEqual("va"u8): variant = Text(ref json); break;
                case var _ when name.SequenceEqual("ex"u8): experiment = Text(ref json); break;
                case var _ when name.SequenceEqual("un"u8): unit = Text(ref json); break;
                case var _ when name.SequenceEqual("st"u8): stream = true; break;
                case var _ when name.SequenceEqual("oc"u8): outcome = Text(ref json); break;
                case var _ when name.SequenceEqual("ca"u8): cache = Text(ref json); break;
                case var _ when name.SequenceEqual("in"u8): input = json.GetInt64(); break;
                case var _ when name.SequenceEqual("ou"u8): output = json.GetInt64(); break;
                case var _ when name.SequenceEqual("co"u8): cost = json.GetInt64(); break;
                case var _ when name.SequenceEqual("es"u8): estimated = true; break;
                case var _ when name.SequenceEqual("sa"u8): saved = json.GetInt64(); break;
                case var _ when name.SequenceEqual("du"u8): duration = json.GetInt64(); break;
                case var _ when name.SequenceEqual("fc"u8): firstChunk = json.GetInt64(); break;
                case var _ when name.SequenceEqual("ul"u8): label = Text(ref json); break;
                case var _ when name.SequenceEqual("se"u8): session = Text(ref json); break;
                case var _ when name.SequenceEqual("a"u8): ReadAttempts(ref json, attempts); break;
                case var _ when name.SequenceEqual("b"u8): ReadBudgets(ref json, budgets); break;
                default: json.Skip(); break;
            }
        }

        return new LedgerEntry
        {
            Id = id,
            At = at,
            RequestId = Needed(requestId),
            Endpoint = Needed(endpoint),
            Tenant = Needed(tenant),
            Team = team,
            User = user,
            Key = key,
            Subject = Needed(subject),
            Model = model,
            Provider = provider,
            ProviderModel = providerModel,
            Prompt = prompt,
            PromptVersion = promptVersion,
            Variant = variant,
            Experiment = experiment,
            Unit = unit,
            Stream = stream,
            Outcome = Needed(outcome),
            Cache = Needed(cache),
            InputTokens = input,
            OutputTokens = output,
            Cost = Money(cost),
            IsEstimated = estimated,
            Saved = Money(saved),
            DurationMs = Milliseconds(duration) ?? 0,
            FirstChunkMs = Milliseconds(firstChunk),
            UserLabel = label,
            Session = session,
            Attempts = attempts,
            Budgets = budgets,
        };
    }

    private static void ReadAttempts(ref Utf8JsonReader json, List<LedgerAttempt> attempts)
    {
        while (json.Read() && json.TokenType == JsonTokenType.StartObject)
        {
            string? operation = null, provider = null, model = null, outcome = null;
            long? input = null, output = null, cost = null, duration = null;
            var estimated = false;
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                var name = json.ValueSpan;
                json.Read();
                switch (name)
                {
                    case var _ when name.SequenceEqual("op"u8): operation = Text(ref json); break;
                    case var _ when name.SequenceEqual("pr"u8): provider = Text(ref json); break;
                    case var _ when name.SequenceEqual("pm"u8): model = Text(ref json); break;
                    case var _ when name.SequenceEqual("oc"u8): outcome = Text(ref json); break;
                    case var _ when name.SequenceEqual("in"u8): input = json.GetInt64(); break;
                    case var _ when name.SequenceEqual("ou"u8): output = json.GetInt64(); break;
                    case var _ when name.SequenceEqual("co"u8): cost = json.GetInt64(); break;
                    case var _ when name.SequenceEqual("es"u8): estimated = true; break;
                    case var _ when name.SequenceEqual("du"u8): duration = json.GetInt64(); break;
                    default: json.Skip(); break;
                }
            }

            attempts.Add(new LedgerAttempt(
                Needed(operation), Needed(provider), Needed(model), Needed(outcome), input, output, Money(cost), estimated, Milliseconds(duration) ?? 0));
        }
    }

    private static void ReadBudgets(ref Utf8JsonReader json, List<BudgetCounter> budgets)
    {
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (json.TokenType == JsonTokenType.String)
            {
                budgets.Add(BudgetCounter.Parse(Text(ref json)!));
            }
            else
            {
                // As earlier versions wrote them.
                json.Skip();
            }
        }
    }

    // PostgreSQL's text has no zeros.
    private static string? Text(ref Utf8JsonReader json) => json.GetString()?.Replace('\0', '\uFFFD');

    private static T Needed<T>(T? value)
        where T : class => value ?? throw new FormatException();

    private static NanoUsd? Money(long? value) => value is { } nano ? new NanoUsd(nano) : null;

    private static double? Milliseconds(long? microseconds) => microseconds / 1000.0;
}
