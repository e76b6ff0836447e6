namespace LlmOps.Gateway.Endpoints;

/// <summary>Middleware for a few requests, which is put together when the first of them comes: doing so is a part of no start.</summary>
internal static class LateBranch
{
    /// <summary>Has some requests go through other middleware before they go on.</summary>
    /// <param name="app">Where it is added.</param>
    /// <param name="isTaken">Which requests.</param>
    /// <param name="configure">Adds the other middleware.</param>
    public static void UseLate(this IApplicationBuilder app, Func<HttpContext, bool> isTaken, Action<IApplicationBuilder> configure) => app.Use(next =>
    {
        var branch = new Lazy<RequestDelegate>(() =>
        {
            var late = app.New();
            configure(late);
            late.Run(next);
            return late.Build();
        });
        return http => isTaken(http) ? branch.Value(http) : next(http);
    });
}
