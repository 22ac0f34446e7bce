"""Between Airflow and the library: connections, assets, defaults. The only package that imports airflow."""
