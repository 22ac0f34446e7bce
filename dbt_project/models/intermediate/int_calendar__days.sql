select days.day::date as date_actual
from generate_series(date '1990-01-01', date '2059-12-31', interval '1 day') as days (day)
