using System.Net;
using LlmOps.Evaluator.Answers;
using LlmOps.Evaluator.Results;

namespace LlmOps.Evaluator.Evaluators.Judges;

/// <summary>A version of a prompt that judges, and the model that is asked.</summary>
internal sealed class JudgePrompt
{
    // Changes with how judgements are read, or what of a case judges are given.
    private const string Format = "judge-1";

    private readonly GatewayClient _gateway;
    private readonly string _name;
    private readonly PromptVersionInfo _version;
    private readonly string? _model;

    // The model that answers where none is asked for, as well.
    private readonly string? _answering;

    private JudgePrompt(EvaluatorContext context, string name, PromptVersionInfo version, string? model) =>
        (_gateway, _name, _version, _model, _answering) = (context.Gateway, name, version, model, model ?? version.Model ?? context.DefaultModel);

    /// <summary>The prompt and its version: answer-judge@v2.</summary>
    public string Name => $"{_name}@{_version.Version}";

    /// <summary>Looks it up, so that all of a run is judged by the same version, whatever labels do meanwhile.</summary>
    /// <param name="settings">The evaluator's settings.</param>
    /// <param name="options">What they say of its judge.</param>
    /// <param name="context">Where it is asked, and the model where the evaluator names none.</param>
    /// <param name="needed">The variables without which it cannot judge.</param>
    /// <param name="offered">Those that it may take too.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="BadInputException">There is none, or it takes other variables.</exception>
    /// <exception cref="GatewayCallException">The gateway does not tell.</exception>
    public static async Task<JudgePrompt> FindAsync(
        SettingsReader settings, JudgeOptions options, EvaluatorContext context, IReadOnlyList<string> needed, IReadOnlyList<string> offered, CancellationToken cancellationToken)
    {
        // All of them have been asked for: a mistyped one is told before anyone is asked.
        settings.RefuseOthers();
        var version = await FindVersionAsync(settings, options, context.Gateway, cancellationToken);
        var judge = new JudgePrompt(context, options.Prompt, version, options.Model ?? context.JudgeModel);
        if (needed.FirstOrDefault(name => !judge.Takes(name)) is { } missing)
        {
            throw settings.Fault($"prompt {judge.Name} takes no variable '{missing}'; expected a prompt with {string.Join(", ", needed)}.");
        }

        return version.Variables.FirstOrDefault(variable => variable.Required && !needed.Contains(variable.Name) && !offered.Contains(variable.Name)) is { } other
            ? throw settings.Fault($"prompt {judge.Name} requires '{other.Name}', which is not known here; expected a prompt with {string.Join(", ", needed.Concat(offered))}.")
            : judge;
    }

    /// <summary>Whether it has a variable.</summary>
    public bool Takes(string variable) => _version.Variables.Any(each => each.Name == variable);

    /// <summary>What stands for an evaluator's scores by this judge.</summary>
    public string FingerprintOf(SettingsReader settings) => string.Join('\n', Format, settings.Fingerprint, Name, _version.ContentHash, _answering);

    /// <summary>Asks it.</summary>
    /// <param name="values">Values for its variables; what it does not take is left out.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="GatewayCallException">It does not answer.</exception>
    public Task<Answer> AskAsync(IReadOnlyDictionary<string, string> values, CancellationToken cancellationToken) =>
        _gateway.RunAsync(
            new PromptRun(_name, _version.Version, values.Where(value => Takes(value.Key)).ToDictionary()) { Model = _model }, cancellationToken);

    private static async Task<PromptVersionInfo> FindVersionAsync(SettingsReader settings, JudgeOptions options, GatewayClient gateway, CancellationToken cancellationToken)
    {
        try
        {
            var prompt = await gateway.GetPromptAsync(options.Prompt, cancellationToken);
            return prompt.Find(options.Version ?? prompt.Labels.GetValueOrDefault("production") ?? prompt.Versions[^1].Version);
        }
        catch (GatewayCallException exception) when (exception.Status == (int)HttpStatusCode.NotFound)
        {
            throw settings.Fault(exception.Message);
        }
        catch (BadInputException exception)
        {
            throw settings.Fault(exception.Message);
        }
    }
}
