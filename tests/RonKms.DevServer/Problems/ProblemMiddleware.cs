using System.Text.Json;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;
using RonKms.DevServer.Diagnostics;
using RonKms.DevServer.Wire;

namespace RonKms.DevServer.Problems;

/// <summary>Gives every request that is refused the one form of answer, and a line in the log.</summary>
internal sealed class ProblemMiddleware(RequestDelegate next, ILogger<ProblemMiddleware> logger, IOptions<JsonOptions> json)
{
    public async Task InvokeAsync(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        try
        {
            await next(context);
        }
        catch (Exception e) when (context.RequestAborted.IsCancellationRequested && e is OperationCanceledException or IOException)
        {
            // Its sender went away: nobody is there to be told.
            return;
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            await AnswerAsync(context, ProblemOf(e), (e as ProblemException)?.Key);
            return;
        }

        if (context.Response is { HasStarted: false, StatusCode: >= 400, ContentType: null })
        {
            await AnswerAsync(context, Problem.Of(context.Response.StatusCode), key: null);
        }
    }

    private Problem ProblemOf(Exception exception)
    {
        switch (exception)
        {
            case ProblemException e:
                return e.Problem;
            case KmsException e:
                return Problem.Of(e.Error, e.IsRetryable);
            case BadHttpRequestException { InnerException: JsonException e }:
                return Problem.Malformed(FieldNames.Of(e));
            case BadHttpRequestException { StatusCode: StatusCodes.Status400BadRequest } e when FieldNames.OfQuery(e) is { } part:
                return Problem.Malformed(part);
            case BadHttpRequestException e:
                return Problem.Of(e.StatusCode);
            case ObjectDisposedException:
                return Problem.Of(StatusCodes.Status503ServiceUnavailable);
            case ArgumentException e:
                // What the library does not take: a label with a space, a key of another kind.
                return Problem.Malformed(e.ParamName is { } name && FieldNames.TryGet(name, out string? field) ? [field] : []);
            default:
                HarnessLog.Faulted(logger, exception.GetType().Name, Correlation.Id);
                return Problem.Of(KmsError.Internal, retry: false);
        }
    }

    private async Task AnswerAsync(HttpContext context, Problem problem, KeyId? key)
    {
        HarnessLog.Refused(logger, Correlation.Operation(context), key?.ToString(), problem.Error, problem.Fields is { Count: > 0 } fields ? string.Join(' ', fields) : null, Correlation.Id);
        string? allowed = context.Response.Headers.Allow;
        context.Response.Clear();
        context.Response.Headers.CacheControl = "no-store";
        context.Response.StatusCode = problem.Status;
        if (problem.Status == StatusCodes.Status401Unauthorized)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
        }

        if (problem.Status == StatusCodes.Status405MethodNotAllowed)
        {
            context.Response.Headers.Allow = allowed;
        }

        if (problem.Retry)
        {
            context.Response.Headers.RetryAfter = "1";
        }

        await context.Response.WriteAsJsonAsync(problem with { CorrId = Correlation.Id }, json.Value.SerializerOptions, Problem.ContentType);
    }
}
