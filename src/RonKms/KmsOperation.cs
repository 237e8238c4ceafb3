namespace RonKms;

/// <summary>One operation, as guards see it.</summary>
/// <param name="Kind">What is being done.</param>
/// <param name="Key">The version it is done with: always a concrete one. For create, import and rotate the version to be made.</param>
/// <param name="Caller">Who asks, as given to <c>ForCaller</c>; <see langword="null"/> on the keystore itself.</param>
/// <param name="CorrelationId">What ties the operation to a request, as given to <c>ForCaller</c>.</param>
public readonly record struct KmsOperation(KmsOperationKind Kind, KeyId Key, string? Caller, string? CorrelationId);
