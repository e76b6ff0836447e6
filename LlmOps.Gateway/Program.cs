using LlmOps.Gateway;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Telemetry.Langfuse;

return args is [PushPrompts.Verb, .. var settings]
    ? await PushPrompts.RunAsync(settings)
    : await StartupFailures.RunAsync(async () => await GatewayHost.Build(args).RunAsync());
