"""A definition as one bound SQL statement: the customers who match at D.

A customer without a value matches no comparison, `neq` and `not_in` included, and `is_null` alone finds it; `not`
matches exactly those whom its group does not. Every leaf is therefore true or false, never unknown. Texts are compared
without regard to case.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from psycopg import sql

from creamery.segments.catalogue import OF_DAY, POPULATION, Catalogue, Field, Relation
from creamery.segments.definition import Condition, CustomerList, Group, Logic, Node, Not, SegmentDefinition
from creamery.segments.values import Scalar, Span
from creamery.segments.vocabulary import FieldType, Operator

AS_OF = sql.Placeholder("as_of_date")
GENERATION = sql.Placeholder("generation")
_COMPARISONS = {
    Operator.EQ: sql.SQL("="),
    Operator.NEQ: sql.SQL("<>"),
    Operator.GT: sql.SQL(">"),
    Operator.GTE: sql.SQL(">="),
    Operator.LT: sql.SQL("<"),
    Operator.LTE: sql.SQL("<="),
}
_JOINERS = {Logic.ALL: sql.SQL(" and "), Logic.ANY: sql.SQL(" or ")}


@dataclass(frozen=True, slots=True)
class Statement:
    """A query with one column, customer_sk, each at most once, and the values of its named placeholders."""

    query: sql.Composed
    parameters: Mapping[str, object]


def compile_segment(definition: SegmentDefinition, catalogue: Catalogue, as_of_date: date) -> Statement:
    """The customers of the generation being built who match `definition` at the end of `as_of_date`.

    Whoever became a customer later is none of them. Snapshot facts are read at that day, dimensions in the version that
    held on it, all else as it is now. Values are bound; names come from the catalogue only.
    """
    return compile_rule(definition.rule, catalogue, as_of_date)


def compile_rule(
    rule: Node | CustomerList,
    catalogue: Catalogue,
    as_of_date: date,
    generation: int | None = None,
    prefix: str = "value",
) -> Statement:
    """The same for a rule that stands elsewhere than in a segment; of the published `generation`, where one is given.

    Placeholders begin with `prefix`, so that several rules fit into one statement.
    """
    builder = _Builder(catalogue, as_of_date, generation, prefix)
    builder.need(OF_DAY)
    condition = builder.listed(rule) if isinstance(rule, CustomerList) else builder.node(rule)
    # Relations have one row per customer: neither the joins nor the statement can repeat one.
    population = catalogue.relations[POPULATION]
    query = sql.SQL(
        "select {customer}.{key} from {table} as {customer}{joins}"
        " where {standing} and {of_day} is not null and {customer}.is_former is not true and ({condition})"
    ).format(
        customer=sql.Identifier(POPULATION),
        key=sql.Identifier(population.key),
        table=_table(population),
        joins=sql.Composed([_join(relation, generation) for relation in builder.joined]),
        standing=_standing(population, generation),
        of_day=sql.Identifier(OF_DAY, catalogue.relations[OF_DAY].key),
        condition=condition,
    )
    return Statement(query, {"as_of_date": as_of_date, "generation": generation, **builder.parameters})


@dataclass(slots=True)
class _Builder:
    """Turns nodes into SQL, and remembers the values and relations that they need."""

    catalogue: Catalogue
    as_of_date: date
    generation: int | None
    prefix: str
    parameters: dict[str, object] = field(default_factory=dict)
    joined: list[Relation] = field(default_factory=list)

    def listed(self, customers: CustomerList) -> sql.Composed:
        return sql.SQL("{}.customer_id = any({})").format(
            sql.Identifier(POPULATION), self._bind(list(customers.customer_ids))
        )

    def node(self, node: Node) -> sql.Composed:
        match node:
            case Group(logic, members):
                return sql.SQL("({})").format(_JOINERS[logic].join(map(self.node, members)))
            case Not(member):
                return sql.SQL("not {}").format(self.node(member))
            case Condition():
                return self._condition(node)

    def _condition(self, condition: Condition) -> sql.Composed:
        named = self.catalogue.fields[condition.field]
        column = self._column(named)
        if condition.operator is Operator.IS_NULL:
            return sql.SQL("({} is null) = {}").format(column, self._bind(condition.value))
        return sql.SQL("coalesce({}, false)").format(self._comparison(column, named, condition))

    def _comparison(self, column: sql.Composable, named: Field, condition: Condition) -> sql.Composed:
        if named.type is FieldType.TEXT:
            column = sql.SQL("lower({})").format(column)
        match condition.operator, condition.value:
            case Operator.IN, tuple(values):
                return sql.SQL("{} = any({})").format(column, self._list(named, values))
            case Operator.NOT_IN, tuple(values):
                return sql.SQL("{} <> all({})").format(column, self._list(named, values))
            case Operator.BETWEEN, (lowest, highest):
                return sql.SQL("{} between {} and {}").format(
                    column, self._one(named, lowest), self._one(named, highest)
                )
            case Operator.WITHIN_LAST, Span() as span:
                return sql.SQL("{0} > {1} and {0} <= {2}").format(column, self._one(named, span), AS_OF)
            case Operator.CONTAINS, str(part):
                return sql.SQL("strpos({}, {}) > 0").format(column, self._one(named, part))
            case operator, value if operator in _COMPARISONS and not isinstance(value, tuple):
                return sql.SQL("{} {} {}").format(column, _COMPARISONS[operator], self._one(named, value))
        raise AssertionError(f"the parser let {condition} pass")

    def _one(self, named: Field, value: Scalar) -> sql.Composable:
        bound = self._bind(self._resolved(value))
        return sql.SQL("lower({})").format(bound) if named.type is FieldType.TEXT else bound

    def _list(self, named: Field, values: Sequence[Scalar]) -> sql.Composable:
        bound = self._bind([self._resolved(value) for value in values])
        if named.type is FieldType.TEXT:
            return sql.SQL("array(select lower(choice) from unnest({}::text[]) as choice)").format(bound)
        return bound

    def _resolved(self, value: Scalar) -> object:
        return value.before(self.as_of_date) if isinstance(value, Span) else value

    def _bind(self, value: object) -> sql.Placeholder:
        name = f"{self.prefix}_{len(self.parameters) + 1}"
        self.parameters[name] = value
        return sql.Placeholder(name)

    def _column(self, named: Field) -> sql.Composable:
        self.need(named.relation)
        column: sql.Composable = sql.Identifier(named.relation, named.column)
        if named.missing is not None:
            column = sql.SQL("nullif({}, {})").format(column, self._bind(named.missing))
        if named.since is not None:
            self.need(named.since[0])
            # Of what has no day it is not known since when it has been true.
            column = sql.SQL("({} and coalesce({} <= {}, true))").format(column, sql.Identifier(*named.since), AS_OF)
        return column

    def need(self, name: str) -> None:
        """Join relation `name`, after those that lead to it."""
        relation = self.catalogue.relations[name]
        if name != POPULATION and relation not in self.joined:
            self.need(relation.through)
            self.joined.append(relation)


def _join(relation: Relation, generation: int | None) -> sql.Composed:
    return sql.SQL(" left join {table} as {name} on {name}.{key} = {through} and {standing}").format(
        table=_table(relation),
        name=sql.Identifier(relation.name),
        key=sql.Identifier(relation.key),
        through=sql.Identifier(relation.through, relation.through_column),
        standing=_standing(relation, generation),
    )


def alive(name: str, generation: int | None) -> sql.Composed:
    """Rows of the relation `name` that stand: of the generation being built, or those that readers of one see."""
    if generation is None:
        return sql.SQL("{}.generation_to is null").format(sql.Identifier(name))
    return sql.SQL(
        "{name}.generation_from <= {generation}"
        " and ({name}.generation_to is null or {name}.generation_to > {generation})"
    ).format(name=sql.Identifier(name), generation=GENERATION)


def _standing(relation: Relation, generation: int | None) -> sql.Composed:
    """Rows that are alive and stand for D."""
    name = sql.Identifier(relation.name)
    conditions = [alive(relation.name, generation)]
    if relation.is_snapshot:
        conditions.append(sql.SQL("{}.as_of_date = {}").format(name, AS_OF))
    if relation.is_versioned:
        conditions.append(sql.SQL("{} between {}.valid_from_date and {}.valid_to_date").format(AS_OF, name, name))
    return sql.SQL(" and ").join(conditions)


def _table(relation: Relation) -> sql.Identifier:
    return sql.Identifier(relation.schema, relation.table)
