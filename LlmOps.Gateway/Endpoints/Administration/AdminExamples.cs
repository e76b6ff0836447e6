using Microsoft.OpenApi;

namespace LlmOps.Gateway.Endpoints.Administration;

/// <summary>Bodies of the endpoints that administer access, for the OpenAPI document.</summary>
internal static class AdminExamples
{
    public static ApiExample Key { get; } = new(
        ApiExamples.Body(
            [],
            ("name", ApiExamples.String("What it is for.")),
            TenantField(),
            TeamField(),
            ("user", ApiExamples.String("Whose it is.")),
            RolesField(),
            ("models", Names("The models that it may ask, with * at the end for all that begin so; all if absent.")),
            ("prompts", Names("The prompts that it may use; all if absent.")),
            ("tools", Names("The gateway's tools that models may be offered for it; as Gateway:Functions:Offer says if absent.")),
            LimitsField(),
            BudgetField(),
            ("parameters", Object("temperature_min, temperature_max, top_p_min, top_p_max, max_tokens_max, n_max: the ranges that its requests' parameters must lie in.")),
            ("guardrails", Object("length, prompt_injection, personal_data, secrets, blocked_words, schema, judge: off, monitor or enforce; personal_data_action: refuse, mask or restore.")),
            ("expires_at", ApiExamples.String("When it ends, such as 2030-01-31T12:00:00Z.")),
            ("metadata", Object("Whatever you like to find there again."))),
        """{"name":"ci","models":["offline*"],"limits":{"requests_per_minute":60},"budget":{"usd":10,"period":"month"}}""");

    public static ApiExample Rotation { get; } = new(
        ApiExamples.Body([], ("overlap_seconds", ApiExamples.Integer("How long the key before still holds; 86400 by default."))), """{"overlap_seconds":3600}""");

    public static ApiExample Tenant { get; } = new(
        ApiExamples.Body([], LimitsField(), BudgetField()), """{"limits":{"requests_per_minute":600},"budget":{"usd":100,"period":"month"}}""");

    public static ApiExample Team { get; } = new(
        ApiExamples.Body([], TenantField(), LimitsField(), BudgetField()), """{"tenant":"acme","budget":{"usd":50,"period":"month"}}""");

    public static ApiExample User { get; } = new(
        ApiExamples.Body(
            ["username"], ("username", ApiExamples.String("What it logs in with.")), PasswordField(), TenantField(), TeamField(), RolesField(), LimitsField(), BudgetField()),
        """{"username":"ada","tenant":"acme"}""");

    public static ApiExample UserChange { get; } = new(
        ApiExamples.Body(
            [], PasswordField(), TeamField(), RolesField(), LimitsField(), BudgetField(), ("disabled", new OpenApiSchema { Type = JsonSchemaType.Boolean, Description = "Whether it, and its keys, may do nothing." })),
        """{"disabled":true}""");

    private static (string Name, OpenApiSchema Schema) PasswordField() => ("password", ApiExamples.String("12 to 256 characters; without one it cannot log in."));

    private static (string Name, OpenApiSchema Schema) TenantField() => ("tenant", ApiExamples.String("That of the user or team by default, else default."));

    private static (string Name, OpenApiSchema Schema) TeamField() => ("team", ApiExamples.String("One of the tenant."));

    private static (string Name, OpenApiSchema Schema) RolesField() =>
        ("roles", Names("user: asks models; operator: reads what administration shows; admin: administers. [user] by default."));

    private static (string Name, OpenApiSchema Schema) LimitsField() =>
        ("limits", Object("requests_per_minute, requests_per_hour, requests_per_day, tokens_per_minute, tokens_per_hour, tokens_per_day, concurrency: each a whole number, or left out."));

    private static (string Name, OpenApiSchema Schema) BudgetField() => ("budget", Object("usd: dollars, with up to nine decimals; period: day, month or total."));

    private static OpenApiSchema Names(string description) =>
        new() { Type = JsonSchemaType.Array, Items = new OpenApiSchema { Type = JsonSchemaType.String }, Description = description };

    private static OpenApiSchema Object(string description) => new() { Type = JsonSchemaType.Object, Description = description };
}
