using LlmOps.Gateway.Access;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Prompts;
using LlmOps.Tests.Configuration;

namespace LlmOps.Tests.Access;

/// <summary>A key for some prompts uses no others.</summary>
public sealed class PromptAccessTests
{
    [Theory]
    [InlineData("summarizer", true)]
    [InlineData("team-a/x", true)]
    [InlineData("translator", false)]
    [InlineData("summarizer2", false)]
    public void Prompt_IsUsedByThoseWhoMay(string prompt, bool may)
    {
        var request = new GatewayRequest
        {
            RequestId = "r1",
            Endpoint = "/chat",
            Family = "/chat",
            Principal = new Principal("acme", "key_1", Roles.User) { Prompts = ["summarizer", "team-a/*"] },
            Configuration = ConfigurationTests.Build(),
            StartedAt = 0,
            Timeout = TimeSpan.FromMinutes(1),
            CallerGone = default,
            Stopping = default,
        };

        if (may)
        {
            request.MakeFrom(new PromptIdentity(prompt, "1", "hash"));
            request.Prompt!.Name.ShouldBe(prompt);
        }
        else
        {
            Should.Throw<GatewayException>(() => request.MakeFrom(new PromptIdentity(prompt, "1", "hash"))).Error.ShouldBe(ErrorCode.PermissionDenied);
            request.Prompt.ShouldBeNull();
        }
    }
}
