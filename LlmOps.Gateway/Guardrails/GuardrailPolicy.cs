namespace LlmOps.Gateway.Guardrails;

/// <summary>What holds for one request.</summary>
internal sealed record GuardrailPolicy
{
    /// <summary>The policy that several places amount to, of which the narrowest comes first.</summary>
    /// <param name="rules">What the rules are made of.</param>
    /// <param name="isOpenAI">Whether the endpoint is one of OpenAI's API, whose callers are applications with policies of their own.</param>
    /// <param name="places">The places.</param>
    public GuardrailPolicy(GuardrailPolicies rules, bool isOpenAI, params ReadOnlySpan<GuardrailModes?> places)
    {
        var careful = isOpenAI ? GuardrailMode.Monitor : GuardrailMode.Enforce;
        (Length, BlockedWords, PersonalData) = (GuardrailMode.Enforce, GuardrailMode.Enforce, GuardrailMode.Monitor);
        (PromptInjection, Secrets) = (careful, careful);
        for (var index = places.Length - 1; index >= 0; index--)
        {
            if (places[index] is { } place)
            {
                Length = place.Length ?? Length;
                PromptInjection = place.PromptInjection ?? PromptInjection;
                PersonalData = place.PersonalData ?? PersonalData;
                PersonalDataAction = place.PersonalDataAction ?? PersonalDataAction;
                Secrets = place.Secrets ?? Secrets;
                BlockedWords = place.BlockedWords ?? BlockedWords;
                Schema = place.Schema ?? Schema;
                Judge = place.Judge ?? Judge;
            }
        }

        Answers = new AnswerDetectors(this, rules);
    }

    /// <inheritdoc cref="GuardrailModes.Length"/>
    public GuardrailMode Length { get; }

    /// <inheritdoc cref="GuardrailModes.PromptInjection"/>
    public GuardrailMode PromptInjection { get; }

    /// <inheritdoc cref="GuardrailModes.PersonalData"/>
    public GuardrailMode PersonalData { get; }

    /// <inheritdoc cref="GuardrailModes.PersonalDataAction"/>
    public PersonalDataAction PersonalDataAction { get; }

    /// <inheritdoc cref="GuardrailModes.Secrets"/>
    public GuardrailMode Secrets { get; }

    /// <inheritdoc cref="GuardrailModes.BlockedWords"/>
    public GuardrailMode BlockedWords { get; }

    /// <inheritdoc cref="GuardrailModes.Schema"/>
    public GuardrailMode Schema { get; }

    /// <inheritdoc cref="GuardrailModes.Judge"/>
    public GuardrailMode Judge { get; }

    /// <summary>What looks at answers.</summary>
    public AnswerDetectors Answers { get; }

    /// <summary>What tells the texts that were clean under it from those that were under another (<see cref="CleanTexts"/>).</summary>
    public long Seed { get; init; } = CleanTexts.NewSeed();

    /// <summary>Whether personal data are replaced by placeholders.</summary>
    public bool Masks => PersonalData == GuardrailMode.Enforce && PersonalDataAction != PersonalDataAction.Refuse;
}
