using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Guardrails.Findings;
using LlmOps.Gateway.JsonSchema;
using LlmOps.Gateway.Pipeline;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Guardrails;

/// <summary>What the answer of one request is checked for.</summary>
internal sealed class AnswerCheck
{
    private const string Forbidden = "the answer contains what it forbids.";

    private Placeholders? _placeholders;
    private readonly GuardrailStatistics _statistics;
    private readonly int? _mostCharacters;
    private long _characters;

    /// <param name="policy">What holds for the request.</param>
    /// <param name="request">The request.</param>
    /// <param name="placeholders">What stands for personal data of the prompt; null for none.</param>
    /// <param name="schema">What the answer must be; null for anything.</param>
    /// <param name="statistics">Are told what is found.</param>
    public AnswerCheck(GuardrailPolicy policy, GatewayRequest request, Placeholders? placeholders, Schema? schema, GuardrailStatistics statistics)
    {
        (Policy, Request, Schema, _placeholders, _statistics) = (policy, request, schema, placeholders, statistics);
        _mostCharacters = policy.Length == GuardrailMode.Off ? null : request.Configuration.Options.Guardrails.MaxAnswerCharacters;
    }

    /// <summary>What holds for the request.</summary>
    public GuardrailPolicy Policy { get; }

    /// <summary>The request.</summary>
    public GatewayRequest Request { get; }

    /// <summary>What the answer must be; null for anything.</summary>
    public Schema? Schema { get; }

    /// <summary>Whether texts may go out later than they come, or others.</summary>
    public bool Changes => Detectors.Refused.Length > 0 || Detectors.Masked.Length > 0 || Restores || (_mostCharacters is not null && Policy.Length == GuardrailMode.Enforce);

    /// <summary>Whether texts may go out other than they came.</summary>
    public bool Rewrites => Detectors.Masked.Length > 0 || Restores;

    /// <summary>Whether the answer is looked at as a whole.</summary>
    public bool NeedsWhole => Schema is not null || Policy.Judge != GuardrailMode.Off;

    /// <summary>Whether none of it may go out before all of it is there.</summary>
    public bool Buffers => (Schema is not null && Policy.Schema == GuardrailMode.Enforce) || Policy.Judge == GuardrailMode.Enforce;

    /// <summary>Whether there is nothing to check.</summary>
    public bool IsEmpty => !Changes && !NeedsWhole && Detectors.Monitored.Length == 0 && _mostCharacters is null;

    private AnswerDetectors Detectors => Policy.Answers;

    private bool Restores => _placeholders is not null && Policy.PersonalDataAction == PersonalDataAction.Restore;

    /// <summary>What looks at one text and changes nothing; null for nothing.</summary>
    public TextWindow? Monitoring() => Detectors.Monitored.Length == 0 ? null : new(Detectors.Monitored, (finding, _) =>
    {
        _statistics.Found(Request, finding.Rule, GuardrailOutcome.Monitored);
        return null;
    });

    /// <summary>What one text goes through before it leaves, in this order.</summary>
    public IEnumerable<TextWindow> Enforcing()
    {
        if (Detectors.Refused.Length > 0)
        {
            yield return new(Detectors.Refused, (finding, _) =>
            {
                _statistics.Decide(Request, finding.Rule, GuardrailMode.Enforce, Forbidden);
                return null;
            });
        }

        if (Detectors.Masked.Length > 0)
        {
            var placeholders = _placeholders ??= new Placeholders([]);
            yield return new(Detectors.Masked, (finding, value) =>
            {
                _statistics.Found(Request, finding.Rule, GuardrailOutcome.Masked);
                return placeholders.For(finding, value);
            });
        }

        if (Restores)
        {
            yield return _placeholders!.Restoring();
        }
    }

    /// <summary>Looks at a whole answer, which goes out as it is.</summary>
    /// <exception cref="GatewayException">It is refused.</exception>
    public void Check(ChatResponse answer)
    {
        List<Finding> findings = [];
        foreach (var message in answer.Messages)
        {
            foreach (var content in message.Contents)
            {
                var text = RequestTexts.Of(content);
                Add(text.Length);
                Find(Detectors.Refused, text, GuardrailMode.Enforce, findings);
                Find(Detectors.Monitored, text, GuardrailMode.Monitor, findings);
            }
        }
    }

    private void Find(ITextDetector[] detectors, string text, GuardrailMode mode, List<Finding> findings)
    {
        findings.Clear();
        foreach (var detector in detectors)
        {
            detector.Find(text, 0, findings);
        }

        foreach (var finding in findings)
        {
            _statistics.Decide(Request, finding.Rule, mode, Forbidden);
        }
    }

    /// <summary>Takes in so many more characters of the answer.</summary>
    /// <exception cref="GatewayException">It is too long.</exception>
    public void Add(int characters)
    {
        var was = _characters;
        _characters += characters;
        if (was <= _mostCharacters && _characters > _mostCharacters)
        {
            _statistics.Decide(Request, GuardrailRules.Length, Policy.Length, $"the answer has more than {_mostCharacters} characters (Gateway:Guardrails:MaxAnswerCharacters).");
        }
    }
}
