using System.Globalization;
using System.Reflection;
using System.Text;

namespace RonKms.Tests.Architecture;

/// <summary>Writes what users of an assembly can see, one line a member.</summary>
internal static class PublicApiText
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly NullabilityInfoContext s_nullability = new();

    internal static string Write(Assembly assembly)
    {
        StringBuilder text = new();
        foreach (Type type in assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            text.Append(DescribeType(type)).Append('\n');
            IEnumerable<string> members = type.IsEnum
                ? Enum.GetNames(type).Select(name => $"{name} = {Convert.ToInt64(Enum.Parse(type, name), CultureInfo.InvariantCulture)}")
                : type.GetMembers(Declared).Select(DescribeMember).OfType<string>().Order(StringComparer.Ordinal);
            foreach (string member in members)
            {
                text.Append("  ").Append(member).Append('\n');
            }

            text.Append('\n');
        }

        return text.ToString();
    }

    private static string DescribeType(Type type)
    {
        string kind = type.IsEnum ? "enum"
            : type.IsInterface ? "interface"
            : type.IsValueType ? (type.IsByRefLike ? "ref struct" : "struct")
            : type.IsAbstract && type.IsSealed ? "static class"
            : type.IsAbstract ? "abstract class"
            : type.IsSealed ? "sealed class"
            : "class";
        IEnumerable<string> bases = new[] { type.BaseType }.OfType<Type>()
            .Where(parent => parent != typeof(object) && parent != typeof(ValueType) && parent != typeof(Enum))
            .Select(Name)
            .Concat(type.IsEnum ? [] : type.GetInterfaces().Select(Name).Order(StringComparer.Ordinal));
        string list = string.Join(", ", bases);
        return $"{kind} {type.Namespace}.{Name(type)}{(list.Length > 0 ? " : " + list : "")}";
    }

    private static string? DescribeMember(MemberInfo member) => member switch
    {
        ConstructorInfo constructor when IsVisible(constructor) => $"{Access(constructor)}new({Parameters(constructor)})",
        MethodInfo method when IsVisible(method) && !method.IsSpecialName => Describe(method),
        MethodInfo method when IsVisible(method) && method.Name.StartsWith("op_", StringComparison.Ordinal) => Describe(method),
        PropertyInfo property => Describe(property),
        EventInfo @event when IsVisible(@event.AddMethod!) => $"event {@event.Name} : {Name(@event.EventHandlerType!)}",
        FieldInfo field when field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly =>
            $"{(field.IsLiteral ? "const " : field.IsStatic ? "static readonly " : "readonly ")}{field.Name} : {Name(field.FieldType)}",
        _ => null,
    };

    private static string Describe(MethodInfo method)
    {
        string kind = Kind(method);
        string generic = method.IsGenericMethodDefinition ? $"<{string.Join(", ", method.GetGenericArguments().Select(Name))}>" : "";
        return $"{Access(method)}{kind}{method.Name}{generic}({Parameters(method)}) : {Nullable(method.ReturnParameter)}";
    }

    private static string Kind(MethodInfo method) => method.IsStatic ? "static "
        : method.DeclaringType!.IsInterface ? ""
        : method.IsAbstract ? "abstract "
        : method.GetBaseDefinition() != method ? (method.IsFinal ? "sealed override " : "override ")
        : method.IsVirtual && !method.IsFinal ? "virtual "
        : "";

    private static string? Describe(PropertyInfo property)
    {
        bool canGet = property.GetMethod is { } getter && IsVisible(getter);
        bool canSet = property.SetMethod is { } setter && IsVisible(setter);
        if (!canGet && !canSet)
        {
            return null;
        }

        MethodInfo accessor = canGet ? property.GetMethod! : property.SetMethod!;
        bool isInit = canSet && property.SetMethod!.ReturnParameter.GetRequiredCustomModifiers().Any(modifier => modifier.Name == "IsExternalInit");
        bool isRequired = property.IsDefined(typeof(System.Runtime.CompilerServices.RequiredMemberAttribute));
        bool isNullable = !property.PropertyType.IsValueType && !property.PropertyType.IsByRefLike && s_nullability.Create(property).ReadState == NullabilityState.Nullable;
        string kind = Kind(accessor);
        return $"{Access(accessor)}{kind}{(isRequired ? "required " : "")}{property.Name} {{ {(canGet ? "get; " : "")}{(canSet ? isInit ? "init; " : "set; " : "")}}} : {Name(property.PropertyType)}{(isNullable ? "?" : "")}";
    }

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(parameter =>
    {
        string way = parameter.IsOut ? "out " : parameter.IsIn && parameter.ParameterType.IsByRef ? "in " : parameter.ParameterType.IsByRef ? "ref " : "";
        bool isParams = parameter.IsDefined(typeof(ParamArrayAttribute)) || parameter.IsDefined(typeof(System.Runtime.CompilerServices.ParamCollectionAttribute));
        string value = !parameter.HasDefaultValue ? ""
            : parameter.RawDefaultValue is null ? (parameter.ParameterType.IsValueType ? " = default" : " = null")
            : " = " + Convert.ToString(parameter.RawDefaultValue, CultureInfo.InvariantCulture);
        return $"{(isParams ? "params " : "")}{way}{Nullable(parameter)} {parameter.Name}{value}";
    }));

    private static string Nullable(ParameterInfo parameter)
    {
        Type type = parameter.ParameterType.IsByRef ? parameter.ParameterType.GetElementType()! : parameter.ParameterType;
        bool isNullable = !type.IsValueType && !type.IsByRefLike && s_nullability.Create(parameter).ReadState == NullabilityState.Nullable;
        return Name(type) + (isNullable ? "?" : "");
    }

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static string Access(MethodBase method) => method.IsPublic ? "" : "protected ";

    private static string Name(Type type)
    {
        if (type.IsGenericParameter)
        {
            return type.Name;
        }

        if (type.IsArray)
        {
            return Name(type.GetElementType()!) + "[]";
        }

        if (System.Nullable.GetUnderlyingType(type) is { } value)
        {
            return Name(value) + "?";
        }

        return type.IsGenericType
            ? $"{type.Name[..type.Name.IndexOf('`')]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>"
            : type.Name;
    }
}
