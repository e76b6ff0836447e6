using LlmOps.Gateway;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Endpoints;
using LlmOps.Gateway.Telemetry.Langfuse;

return args switch
{
    [PushPrompts.Verb, .. var settings] => await PushPrompts.RunAsync(settings),
    _ when args.Contains(HealthSwitch.Name) => await HealthSwitch.RunAsync([.. args.Where(argument => argument != HealthSwitch.Name)]),
    _ => await StartupFailures.RunAsync(async () => await GatewayHost.Build(args).RunAsync()),
};
