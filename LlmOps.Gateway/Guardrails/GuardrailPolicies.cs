using System.Collections.Concurrent;
using LlmOps.Gateway.Guardrails.Findings;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Routing;

namespace LlmOps.Gateway.Guardrails;

/// <summary>The guardrails of one configuration: which policy holds for a request, and what its rules are made of.</summary>
internal sealed class GuardrailPolicies
{
    private const string OpenAIPrefix = "/v1";

    private readonly GuardrailOptions _options;
    private readonly ConcurrentDictionary<(string Endpoint, string? Prompt, GuardrailModes? OfKey), GuardrailPolicy> _known = new();

    /// <summary>Builds them, and adds what is wrong with the settings.</summary>
    public GuardrailPolicies(GuardrailOptions options, ModelTable models, List<string> faults)
    {
        _options = options;
        PersonalData = new PersonalData(KindsOf(options, faults));
        BlockedWords = new BlockedWords(options.BlockedWordList);
        foreach (var (route, _) in options.Routes.Where(route => !route.Key.StartsWith('/')))
        {
            faults.Add($"Gateway:Guardrails:Routes has '{route}'; expected what a path begins with, such as /v1 or /chat.");
        }

        var judges = options.Routes.Values.Concat(options.Prompts.Values).Append(options).Any(modes => modes.Judge is GuardrailMode.Monitor or GuardrailMode.Enforce);
        JudgeRoute = judges || options.AnswerJudge.Model is not null ? models.ChatModel("Gateway:Guardrails:AnswerJudge:Model", options.AnswerJudge.Model, "as Judge is on", faults) : null;
    }

    /// <summary>Finds secrets.</summary>
    public LeakedSecrets Secrets { get; } = new();

    /// <summary>Finds personal data, of the kinds that are looked for.</summary>
    public PersonalData PersonalData { get; }

    /// <summary>Finds the words that are blocked.</summary>
    public BlockedWords BlockedWords { get; }

    /// <summary>Long texts in which none of this was found.</summary>
    public CleanTexts Clean { get; } = new();

    /// <summary>The model that judges answers; null for none.</summary>
    public ModelRoute? JudgeRoute { get; }

    /// <summary>The policy of a request.</summary>
    public GuardrailPolicy Of(GatewayRequest request) =>
        _known.GetOrAdd((request.Endpoint, request.Prompt?.Name, request.Principal.Guardrails), static (place, all) => all.Make(place.Endpoint, place.Prompt, place.OfKey), this);

    private GuardrailPolicy Make(string endpoint, string? prompt, GuardrailModes? ofKey)
    {
        var path = new PathString(endpoint);
        var ofRoute = _options.Routes.Where(route => path.StartsWithSegments(route.Key.TrimEnd('/'))).OrderByDescending(route => route.Key.Length).FirstOrDefault().Value;
        var ofPrompt = prompt is null ? null : _options.Prompts.GetValueOrDefault(prompt);
        return new GuardrailPolicy(this, path.StartsWithSegments(OpenAIPrefix), ofKey, ofPrompt, ofRoute, _options);
    }

    private static PersonalDataKinds KindsOf(GuardrailOptions options, List<string> faults)
    {
        var kinds = PersonalDataKinds.None;
        foreach (var name in options.PersonalDataKinds)
        {
            if (!Enum.TryParse<PersonalDataKinds>(name, ignoreCase: true, out var kind) || !Enum.IsDefined(kind))
            {
                faults.Add($"Gateway:Guardrails:PersonalDataKinds has '{name}'; expected some of {string.Join(", ", Enum.GetNames<PersonalDataKinds>().Except([nameof(PersonalDataKinds.None), nameof(PersonalDataKinds.All)]))}.");
            }

            kinds |= kind;
        }

        return options.PersonalDataKinds.Count == 0 ? PersonalDataKinds.All : kinds;
    }
}
